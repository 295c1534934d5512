"""Read official files a person supplies, and put them into force without a half-way state.

`command.import_files` takes zips, gzip files, XML, text, CSV and JSON of CDC and CMS, knows each
by its content, checks it whole, and activates a new release in one step. What is damaged, short,
doubled, hostile or of another release is refused with `ImportRefusedError`, whose text names the
file and the reason; nothing changes then.
"""
