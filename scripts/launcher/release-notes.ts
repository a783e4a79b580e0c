/** The section of a changelog that belongs to a tag. Throws if the tag is of another version, or has no section. */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) throw new Error(`The tag ${tag} is not v${version}, as package.json has it.`);
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((text) => text.startsWith(`## [${version}]`));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section [${version}].`);
  return section.replace(/^## .*\n+/, '').trim();
}
