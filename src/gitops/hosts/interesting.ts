/** Larger files are no manifests, and are not read. Bytes. */
export const LARGEST_TEXT = 1024 * 1024;

const ENDINGS = /\.(?:ya?ml|json|tf|tfvars|tpl|hcl|jsonnet|libsonnet|properties|env)$/iu;
const NAMES =
  /(?:^|\/)(?:Kustomization|CODEOWNERS|\.helmignore|\.sourceignore|\.gitattributes|\.editorconfig|\.krmignore)$/u;

/** Whether somebody of this field reads the file: the others are listed, and never read. */
export function isInteresting(path: string): boolean {
  return ENDINGS.test(path) || NAMES.test(path);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text as it stands there, a byte order mark included; undefined for what is no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A name for a path's bytes; what is no UTF-8 keeps its bytes apart, so that no two files become one. */
export function pathOf(bytes: Buffer): string {
  return textOf(bytes) ?? bytes.toString("latin1");
}
