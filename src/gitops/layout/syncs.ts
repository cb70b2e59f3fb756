import type { Repository } from "../../model/repository.ts";
import { foldersAround } from "../paths.ts";
import { applicationsOf } from "./application-sets.ts";
import { argoDrafts } from "./argo.ts";
import type { FoundDocuments, Notice } from "./documents.ts";
import { fluxDrafts, gitRepositories } from "./flux.ts";
import { type Belonging, belongings, type GitSource, type Origin, worse } from "./origin.ts";
import type { Draft, Sync } from "./sync.ts";

/** What Argo CD and Flux read, and what could not be followed. */
export function readSyncs(
  documents: FoundDocuments,
  repository: Repository,
  origin: Origin,
): { readonly syncs: readonly Sync[]; readonly notices: readonly Notice[] } {
  const folders = foldersOf(repository);
  const repositories = gitRepositories(documents.objects);
  const notices: Notice[] = [];
  const drafts = documents.objects.flatMap((object) =>
    object.group === "argoproj.io"
      ? applicationsOf(object, { folders: [...folders], repository, notices }).flatMap((made) =>
          argoDrafts(made, folders, repository),
        )
      : fluxDrafts(object, folders, repositories),
  );
  const belonging = belongings(
    origin,
    drafts.flatMap(({ sources, values }) => [...sources, ...values.flatMap(({ source }) => source ?? [])]),
  );
  const syncs = drafts.map((draft) => settled(draft, belonging));
  for (const { folder, path, name, belongs } of syncs) {
    const where = belongs.kind === "other-repository" && belongs.why !== "" ? ` (${belongs.why})` : "";
    if (folder === undefined) {
      notices.push({ path, message: `what ${name} reads is not in this repository${where}`, mayHold: false });
    }
  }
  return { syncs, notices };
}

function settled({ sync, sources, values }: Draft, belonging: (source: GitSource) => Belonging): Sync {
  const belongs = sources.map(belonging).reduce<Belonging>(worse, { kind: "own" });
  const isOther = belongs.kind === "other-repository";
  const own = values.filter(({ source }) =>
    source === undefined ? !isOther : belonging(source).kind !== "other-repository",
  );
  return { ...sync, folder: isOther ? undefined : sync.folder, values: own.map(({ path }) => path), belongs };
}

function foldersOf(repository: Repository): ReadonlySet<string> {
  const folders = new Set([""]);
  for (const path of repository.files.keys()) {
    for (const folder of foldersAround(path)) folders.add(folder);
  }
  return folders;
}
