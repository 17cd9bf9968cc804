# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# check_description.py FOLDER - the description of the plugin in FOLDER/ritornello.lv2 is a manual inside the host: lv2info shows every
# port with its name, range and default, its unit or named values, and its group; and each has a comment. Skipped (77) without
# lv2info.

import os
import pathlib
import re
import shutil
import subprocess
import sys

# Numbers that are just numbers
BARE = {"seed", "channel", "velocity"}


def lv2info(folder):
    environment = dict(os.environ, LV2_PATH=str(folder))
    return subprocess.run(["lv2info", "urn:ritornello:lv2"], env=environment, capture_output=True, text=True, check=True).stdout


def shown_ports(text):
    """What lv2info shows of each port: {key: value}; values that go on over lines are joined"""
    ports = []
    for block in re.split(r"^\tPort \d+:\n", text, flags=re.MULTILINE)[1:]:
        port, key = {}, None
        for line in block.splitlines():
            named = re.match(r"\t\t([A-Z][A-Za-z ]*):\s*(.*)", line)
            if named:
                key = named.group(1)
                port[key] = named.group(2)
            elif key and line.strip():
                port[key] += " " + line.strip()
        ports.append(port)
    return ports


def described_ports(text):
    """The description's text of each port, by symbol"""
    blocks = re.findall(r"\[\n\t\ta lv2:(?:Input|Output)Port.*?\n\t\]", text, re.DOTALL)
    return {re.search(r'lv2:symbol "(\w+)"', block).group(1): block for block in blocks}


def problems(port, description):
    kind = port.get("Type", "")
    if not re.search(r'rdfs:comment "[^"]{10,}', description):
        yield "has no comment"
    for key in ("Symbol", "Name"):
        if not port.get(key):
            yield f"has no {key.lower()}"
    if "ControlPort" not in kind:
        return
    low, high = (float(port.get(key, "nan")) for key in ("Minimum", "Maximum"))
    if not low < high:
        yield f"has no range: {low} to {high}"
    if "InputPort" in kind and not low <= float(port.get("Default", "nan")) <= high:
        yield f"has no default in its range: {port.get('Default')}"
    if not port.get("Group"):
        yield "is in no group"
    properties = port.get("Properties", "")
    if "enumeration" in properties and len(re.findall(r'= "', port.get("Scale Points", ""))) != high - low + 1:
        yield "does not name each of its values"
    if not ("units:unit" in description or port.get("Scale Points") or "toggled" in properties or port["Symbol"] in BARE):
        yield "has no unit and no named values"


def main():
    if not shutil.which("lv2info"):
        sys.exit(77)
    folder = pathlib.Path(sys.argv[1])
    ports = shown_ports(lv2info(folder))
    described = described_ports((folder / "ritornello.lv2" / "ritornello.ttl").read_text())
    found = [f"{port.get('Symbol')} {problem}" for port in ports for problem in problems(port, described[port["Symbol"]])]
    paths = re.findall(r"^<urn:ritornello:lv2#(\w+)>\n\ta lv2:Parameter ;(?:(?!\n\n).)*rdfs:range atom:Path",
                       (folder / "ritornello.lv2" / "ritornello.ttl").read_text(), re.MULTILINE | re.DOTALL)
    if paths != ["weights"]:  # Carla offers the first one that it finds, in no order
        found.append(f"the parameters that are paths are {paths}")
    if len(ports) != len(described) or len(ports) < 30:
        found.append(f"lv2info shows {len(ports)} ports, the description has {len(described)}")
    print("\n".join(found) or f"{len(ports)} ports, all told")
    sys.exit(1 if found else 0)


main()
