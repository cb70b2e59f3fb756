/** A line for the end of a commit's message that keeps texts as they are: none of them can end it, or begin another one. */
export function trailerLine(name: string, fields: readonly string[]): string {
  return `${name}: ${Buffer.from(JSON.stringify(fields), "utf8").toString("base64url")}`;
}

/** The fields of all such lines of a message, in their order; what {@link trailerLine} did not write is left out. */
export function trailerFields(message: string, name: string): readonly (readonly string[])[] {
  const lead = `${name}: `;
  return message.split("\n").flatMap((line) => {
    const fields = line.startsWith(lead) ? parsed(line.slice(lead.length)) : undefined;
    return Array.isArray(fields) && fields.every((field) => typeof field === "string") ? [fields] : [];
  });
}

function parsed(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
