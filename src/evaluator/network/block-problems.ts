import { addressKey, type Block, blockHolds, parseBlock } from "./address.ts";
import { inField, inItems, NO_PROBLEMS, type Problems, problem, quoted, together } from "./problem.ts";

/** An ipBlock as it may stand in a file. */
interface WrittenBlock {
  readonly cidr?: string;
  readonly except?: readonly string[];
}

/** What every API server refuses in an ipBlock. */
export function blockProblems({ cidr, except }: WrittenBlock): Problems {
  const block = cidr === undefined ? undefined : parseBlock(cidr);
  if (block === undefined) {
    return inField("cidr", problem(`${quoted(cidr)} must be a CIDR block such as 10.0.0.0/8 or 2001:db8::/32`));
  }
  const exceptProblems = (text: string): Problems => {
    const hole = parseBlock(text);
    if (hole === undefined) {
      return problem(`${quoted(text)} must be a CIDR block such as 10.1.0.0/16`);
    }
    return isStrictlyInside(hole, block)
      ? NO_PROBLEMS
      : problem(`${quoted(text)} must be a part of ${cidr} and smaller`);
  };
  return inField("except", inItems(except ?? [], exceptProblems));
}

function isStrictlyInside(inner: Block, outer: Block): boolean {
  return inner.bits > outer.bits && blockHolds(outer, inner);
}

/**
 * What API servers refuse in an ipBlock that is new since Kubernetes 1.36, where strict validation of addresses is on
 * by default (StrictIPCIDRValidation, KEP-4858). Older ones take the block without its host bits, and so does every one
 * that has the policy already. The block must be one that all accept.
 */
export function strictBlockProblems({ cidr, except }: WrittenBlock): Problems {
  return together(
    inField("cidr", strictProblems(cidr ?? "")),
    inField("except", inItems(except ?? [], strictProblems)),
  );
}

function strictProblems(text: string): Problems {
  const block = parseBlock(text);
  if (block === undefined) {
    return NO_PROBLEMS;
  }
  const network = networkOf(block);
  const written = `${network}/${block.bits}`;
  if (block.family === 4 && text.includes(":")) {
    return problem(`${quoted(text)} is an IPv4 block written as IPv6, ${SINCE}; write ${written}`);
  }
  const address = addressKey(block);
  return network === address
    ? NO_PROBLEMS
    : problem(
        `${quoted(text)} has bits beyond its prefix, ${SINCE}; write ${written}, or ${address}/${block.bytes.length * 8} for the one address`,
      );
}

const SINCE = "which Kubernetes refuses since 1.36";

/** The first address of a block. */
function networkOf({ family, bytes, bits }: Block): string {
  return addressKey({
    family,
    bytes: bytes.map((byte, index) => byte & (0xff << Math.min(8, Math.max(0, 8 * (index + 1) - bits)))),
  });
}
