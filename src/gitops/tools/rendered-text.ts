import type { RepositoryFile } from "../../model/repository.ts";
import { objectsIn } from "../render/kustomization.ts";
import type { RenderedObject } from "../render/transform.ts";

/** Reads what tools print; what was printed before, word by word, is not read again. */
export class RenderedTexts {
  readonly #documents = new Map<string, readonly RenderedObject[] | undefined>();

  /** Objects, lists unfolded; undefined where it is no YAML. */
  read(text: string): readonly RenderedObject[] | undefined {
    const objects: RenderedObject[] = [];
    // Wherever a line begins so, a document ends: no scalar can hold it. `^` would hold after a U+2028, which ends no line.
    for (const document of text.split(/(?<![^\n])---(?=\s)/u)) {
      const found = this.#document(document);
      if (found === undefined) return undefined;
      objects.push(...found);
    }
    return objects;
  }

  #document(text: string): readonly RenderedObject[] | undefined {
    if (this.#documents.has(text)) return this.#documents.get(text);
    const unsure: string[] = [];
    const file: RepositoryFile = { path: "", kind: "file", size: text.length, text };
    const objects = objectsIn(file, unsure);
    const found = unsure.length === 0 ? objects : undefined;
    this.#documents.set(text, found);
    return found;
  }
}
