# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# What the documentation says is so. Called by meson with the source folder, a topic and, for some, the program:
#   check.py SOURCE commands PROGRAM   commands and options in README.md, SECURITY.md, doc/*.md, NEWS.md and the man page's examples exist
#   check.py SOURCE meson              so do the options and targets of meson that they name
#   check.py SOURCE manual PROGRAM     the man page has every command and every option, and no others
#   check.py SOURCE lint               mandoc finds nothing to say about the man page
#   check.py SOURCE links              links to files in the repository lead somewhere
#   check.py SOURCE quick_start        README's quick start is two commands
#   check.py SOURCE paths              no tracked file holds a path of somebody's machine
# Exit status 77 says that a check could not be made here.

import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
OPTION = r"(?<![\w-])--[a-z][a-z0-9-]+"


def pages(source):
    return [source / "README.md", source / "NEWS.md", source / "SECURITY.md", *sorted((source / "doc").glob("*.md"))]


def help_text(program, *command):
    result = subprocess.run([program, *command, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)} --help ends with status {result.returncode}: {result.stderr}")
    return result.stdout


def commands(program):
    return re.findall(r"^  ([a-z]+) {2,}", help_text(program), re.MULTILINE)


def examples(source):
    """Lines of the man page's literal blocks"""
    text = (source / "doc" / "ritornello.1").read_text()
    return "\n".join(re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.MULTILINE | re.DOTALL)).splitlines()


def short_options(program, command):
    return set(re.findall(r"^ +(-\w)[,\s]", help_text(program, command), re.MULTILINE)) | {"-?"}


def long_options(program, command):
    listed = re.findall(r"^ +(?:-\w(?:, )?)?.*?" + OPTION, help_text(program, command), re.MULTILINE)
    options = {re.search(OPTION, line).group() for line in listed if line.lstrip().startswith("-")}
    return options | {"--help", "--usage"}


def code_pieces(text):
    """Shell commands in code blocks, and inline code, one piece each"""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for line in "\n".join(blocks).splitlines():
        yield from line.split("&&")
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def check_commands(source, program):
    known = {command: long_options(program, command) for command in commands(program)}
    short = {command: short_options(program, command) for command in known}
    pieces = {page: list(code_pieces(page.read_text())) for page in pages(source)}
    pieces[source / "doc" / "ritornello.1"] = examples(source)
    for page in pieces:
        for piece in pieces[page]:
            call = re.search(r"(?:^|[\s/])ritornello ([a-z]+)(.*)", piece)
            if call and call.group(1) not in known:
                yield f"{page.name}: there is no command `{call.group(1)}' ({piece.strip()})"
            elif call:
                given = set(re.findall(OPTION, call.group(2))), set(re.findall(r"(?<!\S)-\w(?!\S)", call.group(2)))
                for option in (given[0] - known[call.group(1)]) | (given[1] - short[call.group(1)]):
                    yield f"{page.name}: {call.group(1)} has no option {option}"
            elif piece.startswith("--"):
                option = re.match(OPTION, piece).group()
                if not any(option in options for options in known.values()):
                    yield f"{page.name}: no command has an option {option}"


def manual_sections(source):
    text = (source / "doc" / "ritornello.1").read_text()
    parts = re.split(r"^\.Ss (\w+)$", re.split(r"^\.Sh ENVIRONMENT", text, flags=re.MULTILINE)[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def check_manual(source, program):
    sections = manual_sections(source)
    for command in sorted(set(commands(program)) ^ set(sections)):
        yield f"command {command} is only in {'the man page' if command in sections else 'the program'}"
    for command in sorted(set(commands(program)) & set(sections)):
        items = re.findall(r"^\.It .*$", sections[command], re.MULTILINE)
        documented = {"--" + option for item in items for option in re.findall(r"Fl -([a-z][a-z0-9-]+)", item)}
        for option in sorted(documented ^ (long_options(program, command) - {"--help", "--usage"})):
            yield f"{command}: {option} is only in {'the man page' if option in documented else 'the program'}"


def check_lint(source):
    mandoc = shutil.which("mandoc")
    if not mandoc:
        sys.exit(SKIPPED)
    result = subprocess.run([mandoc, "-Tlint", "-Wall", source / "doc" / "ritornello.1"], capture_output=True, text=True)
    for line in (result.stdout + result.stderr).splitlines():
        if "mandoc.db" not in line:  # What other manuals this machine has is not our page's matter
            yield line


def check_meson(source):
    options = set(re.findall(r"^option\('(\w+)'", (source / "meson_options.txt").read_text(), re.MULTILINE))
    options |= {"werror", "buildtype", "prefix", "b_lundef", "b_sanitize"}  # Meson's own
    builds = [path.read_text() for path in source.rglob("meson.build") if not path.is_relative_to(source / "build")]
    targets = {name for text in builds for name in re.findall(r"(?:run_target|executable)\(\s*'([\w-]+)'", text)}
    for text in builds:  # Targets of a loop: foreach target, x : {'one': ..., 'other': ...}
        for loop in re.findall(r"foreach target, \w+ : \{([^}]*)\}", text):
            targets.update(re.findall(r"'([\w-]+)':", loop))
    for page in pages(source):
        for piece in code_pieces(page.read_text()):
            for option in set(re.findall(r"(?<!\S)-D(\w+)=", piece)) - options:
                yield f"{page.name}: meson has no option {option}"
            named = re.search(r"meson compile -C build ([\w-]+)", piece)
            if named and named.group(1) not in targets:
                yield f"{page.name}: there is no target {named.group(1)}"


def check_links(source):
    for page in pages(source):
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
            path = target.split("#")[0]
            if path and "://" not in path and not (page.parent / path).exists():
                yield f"{page.name}: {target} leads nowhere"
        for path in re.findall(r"`((?:presets|doc|tests|trainer|plugin|gui|ttl|tools|debian|\.ci)/[\w./-]*)`", page.read_text()):
            if not (source / path).exists():
                yield f"{page.name}: there is no {path}"


def check_quick_start(source):
    section = re.search(r"^## Quick start\n(.*?)^## ", (source / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```sh\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)
    if [len(block.splitlines()) for block in blocks] != [1, 1]:
        yield "README.md: the quick start has to be two commands of one line each"
    elif "ritornello render" not in blocks[0] or "meson test" not in blocks[1]:
        yield "README.md: the quick start's commands have to render and to test, in this order"


def check_paths(source):
    git = shutil.which("git")
    if not git or not (source / ".git").exists():
        sys.exit(SKIPPED)
    pattern = r"(/wor[k]/|/hom[e]/[a-z]|/User[s]/[a-z]|/roo[t]/)"
    result = subprocess.run([git, "-C", source, "grep", "-nIE", pattern], capture_output=True, text=True)
    if result.returncode > 1:
        sys.exit(SKIPPED)
    yield from result.stdout.splitlines()


def main():
    source, topic = pathlib.Path(sys.argv[1]), sys.argv[2]
    problems = list(globals()["check_" + topic](source, *sys.argv[3:]))
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
