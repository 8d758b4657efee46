"""Opens and writes transparency logs with PyPI's aics-tlog, for test/aics-tlog.ts.

aics.py open DIRECTORY    exits with 0 if all of a log that we wrote is right
aics.py write DIRECTORY   writes a log, and log.json, which says what is in it
"""

import base64
import hashlib
import json
import pathlib
import sys
from dataclasses import replace

from aics_tlog import (
    Checkpoint,
    DirectoryTileStore,
    FileSystemTileReader,
    IncrementalTileWriter,
    VerifiedTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    cosignature_vkey,
    format_vkey,
    inclusion_proof_from_tiles,
    parse_note,
    parse_vkey,
    sign_checkpoint,
    sign_cosignature,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
    vkey_from_ed25519,
)
from aics_tlog.checkpoint import checkpoint_from_note
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIZES = [1, 255, 256, 300, 900]
ORIGIN = "example.com/log"
WITNESS = "witness.example/w"
TIME = 1_800_000_000


def require(holds, what):
    if not holds:
        sys.exit(f"{what}: not right")


def unbase64(text):
    return base64.b64decode(text, validate=True)


def open_checkpoint(data, file):
    """Demands a signature of the log and a cosignature of each witness."""
    log, *witnesses = [parse_vkey(text) for text in file["vkeys"]]
    note = parse_note(data)
    result = verify_checkpoint(note, log, witnesses, len(witnesses), expected_origin=file["origin"], now=2**40)
    require(result.ok, "checkpoint")
    return checkpoint_from_note(note)[0]


def check_proof(text, entry, file):
    head, _, checkpoint = text.partition("\n\n")
    version, extra, index, *hashes = head.split("\n")
    require(version == "c2sp.org/tlog-proof@v1", "version of a proof")
    require(len(unbase64(extra.removeprefix("extra "))) == 32, "extra data of a proof")
    tree = open_checkpoint(checkpoint.encode(), file)
    place = int(index.removeprefix("index "))
    proof = [unbase64(each) for each in hashes]
    require(verify_leaf_inclusion(entry.encode(), place, tree.size, proof, tree.root), f"proof of {place}")


def open_log(directory):
    file = json.loads((directory / "log.json").read_text())
    tree = open_checkpoint((directory / "checkpoint").read_bytes(), file)
    reader = FileSystemTileReader(directory)
    report = audit_tiles(reader, tree.size, tree.root)
    proven = VerifiedTileReader(reader, tree.size, tree.root)
    for index in file["indexes"]:
        proof = inclusion_proof_from_tiles(proven, index, tree.size)
        require(verify_leaf_inclusion(proven.entry(index), index, tree.size, proof, tree.root), f"entry {index}")
    for older in file["older"]:
        ours = [unbase64(each) for each in older["hashes"]]
        theirs = consistency_proof_from_tiles(proven, older["size"], tree.size)
        require(ours == theirs, f"consistency proof from {older['size']}")
        root = unbase64(older["root"])
        require(verify_consistency(older["size"], tree.size, root, tree.root, ours), f"tree of {older['size']}")
    for each in file["proofs"]:
        check_proof(each["proof"], each["entry"], file)
    print(
        f"opened {report.tiles} tiles, {report.bundles} bundles, {len(file['indexes'])} entries, "
        f"{len(file['older'])} older trees, {len(file['proofs'])} proofs"
    )


def write_log(directory):
    keys = {
        name: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()) for name in (ORIGIN, WITNESS)
    }
    store = DirectoryTileStore(directory, fsync=False)
    writer = IncrementalTileWriter(store)
    roots = []
    for size in SIZES:
        writer.append([f"entry {index}".encode() for index in range(writer.size, size)])
        roots.append({"size": size, "root": writer.root()})
    size, root = roots[-1]["size"], roots[-1]["root"]
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=root), keys[ORIGIN], ORIGIN)
    cosignature = sign_cosignature(keys[WITNESS], WITNESS, TIME, ORIGIN, size, root)[1]
    note = replace(note, signatures=(*note.signatures, cosignature))
    (directory / "checkpoint").write_bytes(note.to_bytes())

    def text(hashes):
        return [base64.b64encode(each).decode() for each in hashes]

    file = {
        "log": format_vkey(vkey_from_ed25519(ORIGIN, keys[ORIGIN].public_key())),
        "witness": format_vkey(cosignature_vkey(WITNESS, keys[WITNESS].public_key())),
        "witnessed_at": TIME,
        "size": size,
        "older": [
            {
                "size": each["size"],
                "root": text([each["root"]])[0],
                "hashes": text(consistency_proof_from_tiles(store, each["size"], size)),
            }
            for each in roots[:-1]
        ],
        "entries": [
            {"index": index, "hashes": text(inclusion_proof_from_tiles(store, index, size))}
            for index in (0, 255, 256, 767, 768, size - 1)
        ],
    }
    (directory / "log.json").write_text(json.dumps(file))


{"open": open_log, "write": write_log}[sys.argv[1]](pathlib.Path(sys.argv[2]))
