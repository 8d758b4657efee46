package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	logName     = "123456789012/keyward/prod/us-east-1"
	cosignerTag = "/cosigner"
	witnessName = "witness.example/w1"
	signedAt    = 1795000000
)

type keyVector struct {
	Name    string `json:"name"`
	Type    int    `json:"type"`
	SeedHex string `json:"seed_hex"`
	Vkey    string `json:"vkey"`
}
type treeVector struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}
type inclusionVector struct {
	Size   int64    `json:"size"`
	Index  int64    `json:"index"`
	Hashes []string `json:"hashes"`
}
type consistencyVector struct {
	Older  int64    `json:"older"`
	Size   int64    `json:"size"`
	Hashes []string `json:"hashes"`
}
type tileVector struct {
	Path   string `json:"path"`
	Sha256 string `json:"sha256"`
}
type noteVector struct {
	Comment string `json:"comment"`
	Note    string `json:"note"`
	// Names of the keys whose signatures hold, in their order; none: the note is refused.
	Verified []string `json:"verified"`
}
type vectors struct {
	Comment     string              `json:"comment"`
	Keys        []keyVector         `json:"keys"`
	Trees       []treeVector        `json:"trees"`
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
	Tiles       []tileVector        `json:"tiles"`
	Checkpoint  string              `json:"checkpoint"`
	Proof       string              `json:"proof"`
	Notes       []noteVector        `json:"notes"`
}

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func signerOf(name string) (note.Signer, string, error) {
	key := keyOf(name)
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", err
	}
	id := strings.SplitN(vkey, "+", 3)[1]
	secret := base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...))
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, id, secret))
	return signer, vkey, err
}

func texts(hashes []tlog.Hash) []string {
	all := make([]string, len(hashes))
	for i, hash := range hashes {
		all[i] = hash.String()
	}
	return all
}

func checkpointText(size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", logName, size, root)
}

func writeVectors(out io.Writer) error {
	v := vectors{Comment: "Made by test/transparency with Go's golang.org/x/mod/sumdb. Entry i is the text \"entry <i>\". The seed of a key is SHA-256 of its name. The notes are judged by note.Open with all keys."}
	log, logVkey, err := signerOf(logName)
	if err != nil {
		return err
	}
	own := cosigner{logName + cosignerTag, keyOf(logName + cosignerTag), signedAt}
	witness := cosigner{witnessName, keyOf(witnessName), signedAt + 3600}
	v.Keys = append(v.Keys, keyVector{logName, 1, hex.EncodeToString(keyOf(logName).Seed()), logVkey})
	for _, c := range []cosigner{own, witness} {
		vkey := cosignatureVkey(c.name, c.key.Public().(ed25519.PublicKey))
		v.Keys = append(v.Keys, keyVector{c.name, cosignatureType, hex.EncodeToString(c.key.Seed()), vkey})
	}
	var verifiers []note.Verifier
	for _, key := range v.Keys {
		verifier, err := newVerifier(key.Vkey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, verifier)
	}

	const size = 70000
	t, err := treeOf(size)
	if err != nil {
		return err
	}
	for _, n := range []int64{0, 1, 2, 3, 4, 7, 8, 255, 256, 257, 1000, 65535, 65536, 65537, size} {
		root, err := tlog.TreeHash(n, t)
		if err != nil {
			return err
		}
		v.Trees = append(v.Trees, treeVector{n, root.String()})
	}
	for _, p := range [][2]int64{{1, 0}, {2, 1}, {7, 6}, {7, 3}, {256, 255}, {257, 256}, {257, 0}, {1000, 511}, {65537, 65536}, {size, 0}, {size, 65535}, {size, size - 1}} {
		proof, err := tlog.ProveRecord(p[0], p[1], t)
		if err != nil {
			return err
		}
		v.Inclusion = append(v.Inclusion, inclusionVector{p[0], p[1], texts(proof)})
	}
	for _, p := range [][2]int64{{1, 1}, {1, 2}, {3, 7}, {6, 8}, {255, 256}, {256, 257}, {257, 1000}, {1, size}, {65536, size}, {65537, size}, {69999, size}} {
		proof, err := tlog.ProveTree(p[1], p[0], t)
		if err != nil {
			return err
		}
		v.Consistency = append(v.Consistency, consistencyVector{p[0], p[1], texts(proof)})
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		bytes, err := tlog.ReadTileData(tile, t)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(bytes)
		v.Tiles = append(v.Tiles, tileVector{tilePath(tile), hex.EncodeToString(hash[:])})
	}

	root, err := tlog.TreeHash(size, t)
	if err != nil {
		return err
	}
	text := checkpointText(size, root)
	checkpoint, err := note.Sign(&note.Note{Text: text}, log, own, witness)
	if err != nil {
		return err
	}
	v.Checkpoint = string(checkpoint)
	const index = 12345
	proof, err := tlog.ProveRecord(size, index, t)
	if err != nil {
		return err
	}
	extra := base64.StdEncoding.EncodeToString(make([]byte, 32))
	v.Proof = fmt.Sprintf("c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n%s\n\n%s", extra, index, strings.Join(texts(proof), "\n"), checkpoint)

	for _, each := range hostileNotes(v.Checkpoint) {
		opened, err := note.Open([]byte(each.Note), note.VerifierList(verifiers...))
		each.Verified = []string{}
		if err == nil {
			for _, signature := range opened.Sigs {
				each.Verified = append(each.Verified, signature.Name)
			}
		}
		v.Notes = append(v.Notes, each)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// hostileNotes are a checkpoint and what an attacker could make of it.
func hostileNotes(checkpoint string) []noteVector {
	split := strings.LastIndex(checkpoint, "\n\n")
	text, block := checkpoint[:split+1], checkpoint[split+2:]
	lines := strings.SplitAfter(strings.TrimSuffix(block, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	first, rest := lines[0], strings.Join(lines[1:], "")
	unknown := strings.Replace(first, logName, "example.net/unknown", 1)
	signature := strings.Fields(first)[2]
	broken := strings.Replace(first, signature, signature[:20]+flip(signature[20:21])+signature[21:], 1)
	with := func(comment, note string) noteVector { return noteVector{Comment: comment, Note: note} }
	return []noteVector{
		with("as it was signed", checkpoint),
		with("the log's signature alone", text+"\n"+first),
		with("without the log's signature", text+"\n"+rest),
		with("signatures in another order", text+"\n"+rest+first),
		with("a signature of an unknown key", text+"\n"+first+unknown),
		with("only a signature of an unknown key", text+"\n"+unknown),
		with("the same signature twice", text+"\n"+first+first),
		with("a signature that does not hold", text+"\n"+broken+rest),
		with("no signature", text+"\n"),
		with("no blank line", text+first),
		with("text added at its end", text+"added\n\n"+first),
		with("a blank line added at the text's end", text+"\n\n"+first),
		with("no newline at the end", strings.TrimSuffix(checkpoint, "\n")),
		with("a newline too many", checkpoint+"\n"),
		with("a text after the signatures", checkpoint+"added\n"),
		with("carriage returns", strings.ReplaceAll(checkpoint, "\n", "\r\n")),
		with("a tab in the text", strings.Replace(checkpoint, "keyward", "key\tward", 1)),
		with("a hyphen for the dash", strings.ReplaceAll(checkpoint, "— ", "- ")),
		with("two blanks before the name", strings.Replace(checkpoint, "— ", "—  ", 1)),
		with("a blank at a line's end", strings.Replace(checkpoint, first, strings.TrimSuffix(first, "\n")+" \n", 1)),
		with("a no-break space in a name", text+"\n"+first+strings.Replace(unknown, "unknown", "un\u00a0known", 1)),
		with("a next-line character in a name", text+"\n"+first+strings.Replace(unknown, "unknown", "un\u0085known", 1)),
		with("a plus sign in a name", text+"\n"+first+strings.Replace(unknown, "unknown", "un+known", 1)),
		with("a byte order mark in a name", text+"\n"+first+strings.Replace(unknown, "unknown", "un\ufeffknown", 1)),
		with("an unknown signature of four bytes", text+"\n"+first+"— example.net/unknown AAAAAA==\n"),
		with("an unknown signature of five bytes", text+"\n"+first+"— example.net/unknown AAAAAAA=\n"),
		with("base64 without padding", text+"\n"+first+"— example.net/unknown AAAAAAA\n"),
		with("base64 of the URL alphabet", text+"\n"+first+"— example.net/unknown AAAA-_-_\n"),
		with("another origin", strings.Replace(checkpoint, "prod", "dev", 1)),
		with("another size", strings.Replace(checkpoint, "70000", "70001", 1)),
	}
}

func flip(character string) string {
	if character == "A" {
		return "B"
	}
	return "A"
}
