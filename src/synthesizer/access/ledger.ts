import type { AccessAttributes, AccessEvidence, AccessUse } from "../../model/access.ts";
import type { AccessOrigin, LeftOutReason, LeftOutUse } from "../../model/access-policy.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { type Asker } from "./askers.ts";
import type { Note, NoteKind } from "./findings.ts";
import { subjectText } from "./subjects.ts";

/** Something that a subject's role is to hold. */
export interface Want {
  readonly subject: RbacSubject;
  readonly attributes: AccessAttributes;
  /** True: the name is empty (the path `*`) and stands for more than were kept. */
  readonly isMany: boolean;
  readonly origin: AccessOrigin;
  readonly evidence: AccessEvidence | undefined;
}

/** Something that only bindings in force let pass: these are not to be removed. */
export interface Hold {
  readonly asker: Asker;
  readonly attributes: AccessAttributes;
  readonly isMany: boolean;
  readonly why: string;
}

/** A subject that uses were booked on. */
export interface BookedSubject {
  readonly subject: RbacSubject;
  readonly members: Set<string>;
  readonly hours: Set<number>;
  requests: number;
  /** False: only the operator's grant names it. */
  isSeen: boolean;
  /** Why nothing of what is in force for it may go; undefined: no such reason. */
  hidden: string | undefined;
}

/** What became of each use, as it is decided. */
export class Ledger {
  readonly wants: Want[] = [];
  readonly holds: Hold[] = [];
  readonly leftOut: LeftOutUse[] = [];
  readonly notes: Note[] = [];
  readonly subjects = new Map<string, BookedSubject>();

  want(want: Want): void {
    this.wants.push(want);
  }

  leaveOut({ identity, attributes, isMany }: AccessUse, why: LeftOutReason): void {
    this.leftOut.push({ username: identity.username, attributes, isMany, why });
  }

  note(kind: NoteKind, about: string | undefined, detail: string): void {
    this.notes.push({ kind, about, detail });
  }

  /** Somebody whose use was seen, whether a role comes of it or not. */
  book(subject: RbacSubject, { identity, evidence }: Pick<AccessUse, "identity" | "evidence">): BookedSubject {
    const booked = this.seen(subject);
    booked.members.add(identity.username);
    booked.requests += evidence.requests;
    for (const hour of evidence.hours) booked.hours.add(hour);
    return booked;
  }

  /** Somebody who did something, be it on behalf of others. */
  seen(subject: RbacSubject): BookedSubject {
    const booked = this.subject(subject);
    booked.isSeen = true;
    return booked;
  }

  /** Nothing of what the subject holds may go; it is told why. */
  hide(booked: BookedSubject, why: string): void {
    // The order of uses decides nothing.
    booked.hidden = booked.hidden === undefined || why < booked.hidden ? why : booked.hidden;
    this.note("role-content-unknown", subjectText(booked.subject), why);
  }

  subject(subject: RbacSubject): BookedSubject {
    const key = subjectText(subject);
    const known = this.subjects.get(key);
    if (known !== undefined) return known;
    const made: BookedSubject = {
      subject,
      members: new Set(),
      hours: new Set(),
      requests: 0,
      isSeen: false,
      hidden: undefined,
    };
    this.subjects.set(key, made);
    return made;
  }
}
