/** Why a text can't be read. */
export interface Fault {
  /** Where, in UTF-16 units of the text. */
  readonly offset: number;
  readonly message: string;
  /** The way out, where mending the text is none. */
  readonly choice?: string;
}
