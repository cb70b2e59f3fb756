import { byText, earlier, later, sortedBy } from "../../lib/sort.ts";
import type { AccessEvidence, AccessRecord, AccessSign, Citation } from "../../model/access.ts";
import { BottomK } from "../bottom-k.ts";
import { HourSet } from "../hour-set.ts";
import { addToFew, fewTexts, mergeFew } from "./few.ts";
import { addSign, citationText, FEW_CITATIONS, plainCitation, signsOf, signText } from "./marks.ts";

const COUNTED = 128;
const USER_AGENTS = fewTexts(3);
const SOURCE_IPS = fewTexts(4);
/** A client calls itself what it likes, at any length. */
const USER_AGENT_LENGTH = 200;
const NONE: readonly never[] = [];

/**
 * Everything remembered of one use, in memory that does not grow with its events. Adding an event twice changes nothing, and
 * order never matters.
 */
export class AccessLog {
  readonly requests: BottomK = new BottomK(COUNTED);
  readonly hours: HourSet = new HourSet();
  firstSeen: number | undefined;
  lastSeen: number | undefined;
  codes: readonly number[] = NONE;
  userAgents: readonly string[] = NONE;
  sourceIps: readonly string[] = NONE;
  citations: readonly Citation[] = NONE;
  signs: readonly AccessSign[] = NONE;

  add(record: AccessRecord): void {
    const { time, code, userAgent, sourceIp, citation } = record;
    this.requests.add(record.request);
    if (time !== undefined) {
      this.addTime(time);
      this.hours.addTime(time);
    }
    if (code !== undefined) this.addCode(code);
    if (userAgent !== undefined) this.#addUserAgent(userAgent);
    if (sourceIp !== undefined) this.sourceIps = addToFew(this.sourceIps, sourceIp, SOURCE_IPS);
    if (citation !== undefined) this.addCitation(citation);
    for (const sign of signsOf(record)) this.addSign(sign);
  }

  addTime(time: number | undefined): void {
    this.firstSeen = earlier(this.firstSeen, time);
    this.lastSeen = later(this.lastSeen, time);
  }

  addCode(code: number): void {
    if (!this.codes.includes(code)) this.codes = [...this.codes, code];
  }

  addCitation(citation: Citation): void {
    this.citations = addToFew(this.citations, citation, FEW_CITATIONS);
  }

  addSign(sign: AccessSign): void {
    this.signs = addSign(this.signs, sign);
  }

  /** Takes texts as {@link evidence} gives them. */
  addClients(userAgents: readonly string[], sourceIps: readonly string[]): void {
    this.userAgents = mergeFew(this.userAgents, userAgents, USER_AGENTS);
    this.sourceIps = mergeFew(this.sourceIps, sourceIps, SOURCE_IPS);
  }

  merge(other: AccessLog): void {
    this.requests.merge(other.requests);
    this.hours.merge(other.hours);
    this.addTime(other.firstSeen);
    this.addTime(other.lastSeen);
    for (const code of other.codes) this.addCode(code);
    this.addClients(other.userAgents, other.sourceIps);
    for (const citation of other.citations) this.addCitation(citation);
    for (const sign of other.signs) this.addSign(sign);
  }

  /** The evidence as people and reports see it. */
  evidence(): AccessEvidence {
    return {
      requests: this.requests.count(),
      exact: this.requests.exact,
      firstSeen: this.firstSeen,
      lastSeen: this.lastSeen,
      hours: this.hours.list(),
      codes: this.codes.toSorted((a, b) => a - b),
      userAgents: this.userAgents.toSorted(byText),
      sourceIps: this.sourceIps.toSorted(byText),
    };
  }

  sortedCitations(): readonly Citation[] {
    return sortedBy(this.citations.map(plainCitation), citationText);
  }

  sortedSigns(): readonly AccessSign[] {
    return sortedBy(this.signs, signText);
  }

  #addUserAgent(userAgent: string): void {
    const text = userAgent.length > USER_AGENT_LENGTH ? userAgent.slice(0, USER_AGENT_LENGTH) : userAgent;
    this.userAgents = addToFew(this.userAgents, text, USER_AGENTS);
  }
}
