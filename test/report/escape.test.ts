import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dotString,
  markdownCode,
  markdownText,
  mermaidLabel,
  terminalSentence,
  terminalText,
} from "../../src/report/escape.ts";
import { HOSTILE } from "../support/fixtures.ts";

/** Any text, with the characters that mean something somewhere far more often than chance would have them. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "`",
          "|",
          "\\",
          "<",
          ">",
          "&",
          "#",
          "@",
          '"',
          "'",
          "[",
          "]",
          "(",
          ")",
          "*",
          "_",
          "~",
          "$",
          "{",
          "}",
          "-",
          "+",
          "1.",
          "1)",
        ),
        fc.constantFrom(
          "\n",
          "\r",
          "\u001b",
          "\u0000",
          "\u202e",
          "\u2066",
          "\u200b",
          "\u2028",
          "\ud800",
          "\ufeff",
          "end",
          "-->",
          "%%",
        ),
        fc.constantFrom(
          "www.",
          "https://",
          "GH-1",
          "%%{init",
          "<!--",
          "<script>",
          "&lt;",
          "&#35;",
          "#quot;",
          "$&",
          "shop/cart",
          " ",
        ),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

/** What a browser shows for entities. */
function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/gu, (_match, code) => String.fromCodePoint(Number(code)));
}

describe("text for a terminal", () => {
  it("holds nothing that moves, hides or turns text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(terminalText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(terminalSentence(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("leaves names as they are", () => {
    for (const name of ["shop/cart", "10.0.0.1:80", "k8s-app=kube-dns", "größe/日本"])
      expect(terminalText(name)).toBe(name);
  });

  it("shows what it took out, and cuts what is longer than any name", () => {
    expect(terminalText("a\u001b[31mb\u202ec")).toBe("a\\u{1b}[31mb\\u{202e}c");
    expect(terminalText("x".repeat(5000)).length).toBeLessThanOrEqual(300);
  });
});

describe("prose for Markdown", () => {
  it("holds no character that could be markup, only entities", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(markdownText(text)).toMatch(/^(?:[^&<>|`*_[\]\\~$@#!\n]|&#\d+;)*$/u);
      }),
    );
  });

  it("shows the reader the same text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = decode(markdownText(text)).replaceAll("\u200b", "");
        expect(shown).toBe(terminalSentence(text).replaceAll("\u200b", ""));
      }),
    );
  });

  it.each([
    ["@everyone", /@(?!&#8203;)\w/u],
    ["see #12", /#\d+(?!\d*;)/u],
    ["https://evil.example", /:\/\//u],
    ["WWW.evil.example", /www\./iu],
    ["- a list", /^-/u],
    ["--- ", /^---/u],
    ["1. a list", /^1\./u],
    ["![x](y)", /!\[/u],
  ])("%j begins nothing", (text, forbidden) => {
    expect(markdownText(text)).not.toMatch(forbidden);
  });

  it("mentions nobody: what a mention filter sees after decoding has a space after the @", () => {
    expect(decode(markdownText("@octocat"))).toBe("@\u200boctocat");
    expect(decode(markdownText("#7"))).toBe("#\u200b7");
  });

  it("leaves options readable", () => {
    expect(markdownText("--entity host=open, or --unobserved deny")).toBe("--entity host=open, or --unobserved deny");
  });
});

describe("a name as code in Markdown", () => {
  it("cannot end its span, its cell or its line", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(markdownCode(text)).toMatch(/^(?:`[^`|\\\n]+`|<code>(?:[^&<>|`*_[\]\\~$@#!\n]|&#\d+;)*<\/code>)$/u);
      }),
    );
  });

  it("is a plain span wherever that is safe", () => {
    expect(markdownCode("shop/cart -> 10.0.0.1 443/TCP")).toBe("`shop/cart -> 10.0.0.1 443/TCP`");
    expect(markdownCode("a|b")).toBe("<code>a&#124;b</code>");
    expect(markdownCode("")).toBe("<code></code>");
  });

  it("holds no comment that somebody could take for a hidden one of ours", () => {
    expect(markdownCode("<!-- netlearn:snooze -->")).not.toMatch(/<!--|-->/u);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(markdownCode(`${text}<!--${text}-->`)).not.toMatch(/<!--|-->/u);
      }),
    );
  });
});

describe("a Mermaid label", () => {
  it("holds letters, digits, a few marks and entity codes", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(mermaidLabel(text)).toMatch(/^(?:[\p{L}\p{N} ./:,()+-]|#\d+;)*$/u);
      }),
    );
  });

  it("of a hostile name ends nothing", () => {
    for (const mark of ['"', "`", "<", "|", "[", "{", "\n", "%", "\\"])
      expect(mermaidLabel(HOSTILE)).not.toContain(mark);
  });
});

describe("a DOT string", () => {
  it("is one string, with no escape but those of quote and backslash", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const printed = dotString(text);
        expect(printed).toMatch(/^"(?:[^"\\\n]|\\["\\])*"$/u);
        expect(printed.slice(1, -1).replaceAll(/\\(["\\])/gu, "$1")).toBe(terminalText(text));
      }),
    );
  });
});
