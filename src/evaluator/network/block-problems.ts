import { addressKey, type Block, blockHolds, parseBlock } from "./address.ts";
import { quoted } from "./shape.ts";

/** An ipBlock as it may stand in a file. */
interface WrittenBlock {
  readonly cidr?: string;
  readonly except?: readonly string[];
}

/** What every API server refuses in an ipBlock; `path` is where it stands. */
export function blockProblems(ipBlock: WrittenBlock, path: string): string[] {
  const block = ipBlock.cidr === undefined ? undefined : parseBlock(ipBlock.cidr);
  if (block === undefined) {
    return [`${path}.cidr: ${quoted(ipBlock.cidr)} must be a CIDR block such as 10.0.0.0/8 or 2001:db8::/32`];
  }
  return (ipBlock.except ?? []).flatMap((text, index) => {
    const place = `${path}.except[${index}]`;
    const except = parseBlock(text);
    if (except === undefined) {
      return [`${place}: ${quoted(text)} must be a CIDR block such as 10.1.0.0/16`];
    }
    return isStrictlyInside(except, block)
      ? []
      : [`${place}: ${quoted(text)} must be a part of ${ipBlock.cidr} and smaller`];
  });
}

function isStrictlyInside(inner: Block, outer: Block): boolean {
  return inner.bits > outer.bits && blockHolds(outer, inner);
}

/**
 * What API servers refuse in an ipBlock that is new since Kubernetes 1.36, where strict validation of addresses is on
 * by default (StrictIPCIDRValidation, KEP-4858). Older ones take the block without its host bits, and so does every one
 * that has the policy already. The block must be one that all accept.
 */
export function strictBlockProblems({ cidr, except = [] }: WrittenBlock, path: string): string[] {
  return [
    ...strictProblems(cidr ?? "", `${path}.cidr`),
    ...except.flatMap((text, index) => strictProblems(text, `${path}.except[${index}]`)),
  ];
}

function strictProblems(text: string, place: string): string[] {
  const block = parseBlock(text);
  if (block === undefined) {
    return [];
  }
  const network = networkOf(block);
  const written = `${network}/${block.bits}`;
  if (block.family === 4 && text.includes(":")) {
    return [`${place}: ${quoted(text)} is an IPv4 block written as IPv6, ${SINCE}; write ${written}`];
  }
  const address = addressKey(block);
  return network === address
    ? []
    : [
        `${place}: ${quoted(text)} has bits beyond its prefix, ${SINCE}; write ${written}, or ${address}/${block.bytes.length * 8} for the one address`,
      ];
}

const SINCE = "which Kubernetes refuses since 1.36";

/** The first address of a block. */
function networkOf({ family, bytes, bits }: Block): string {
  return addressKey({
    family,
    bytes: bytes.map((byte, index) => byte & (0xff << Math.min(8, Math.max(0, 8 * (index + 1) - bits)))),
  });
}
