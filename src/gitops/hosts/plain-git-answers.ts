/** What a server says over git that will not change by asking again. Texts are of git, curl, OpenSSH and the known hosts. */
const FOR_GOOD =
  /\[remote rejected\]|returned error: 40[134]\b|Authentication failed|could not read (?:Username|Password)|Permission (?:to \S+ )?denied|not permitted|read-only|archived|repository .{0,200}not found|Repository not found/iu;
/** What is refused only for now, though it is said in the same words. */
const FOR_NOW =
  /cannot lock ref|failed to update ref|unable to (?:create|lock)|File exists|\(failed\)|unpacker error|returned error: (?:429|5\d\d)/iu;

/** Whether trying again some day can help. */
export function isForGood(said: string): boolean {
  return FOR_GOOD.test(said) && !FOR_NOW.test(said);
}

/** What to do about a remote that can't be asked. */
export function hintOf(stderr: string): string {
  if (/returned error: 30[1278]\b|redirect/iu.test(stderr)) {
    return "The server sends to another address. Tokens are not taken there: give that address, mostly the same with .git at its end.";
  }
  if (/dubious ownership/u.test(stderr)) {
    return "The repository is another user's: run as that user, or add it to git's safe.directory.";
  }
  return "Check the repository's address, the network and the credentials, then run again.";
}

const LONGEST = 500;

/**
 * What a refusal was about, in one line: what the server's hooks said, and why the branch was not taken.
 *
 * @param stdout of `git push --porcelain`
 * @param stderr without secrets
 */
export function sentenceOf(stdout: string, stderr: string): string {
  const reason = /^!\t[^\t]*\t(?<reason>.*)$/mu.exec(stdout)?.groups?.["reason"] ?? "";
  const lines = stderr.split(/[\r\n]+/u);
  const told = lines.filter((line) => line.startsWith("remote:")).map((line) => line.slice("remote:".length));
  const own = lines.filter((line) => /^(?:fatal|error|ERROR): /u.test(line) && !/failed to push some refs/u.test(line));
  return oneLine([reason, ...told, ...(reason === "" ? own : [])].join(" ")) || "git gave no reason";
}

/** A text of others as part of a sentence: without line breaks, control characters and what turns the direction of writing; cut where it is long. */
export function oneLine(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST).trimEnd()}…` : plain;
}
