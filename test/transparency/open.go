package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A log that Keyward wrote: checkpoint, tiles and bundles at their paths, and log.json.
type logFile struct {
	Vkeys  []string `json:"vkeys"`
	Origin string   `json:"origin"`
	// Indexes of entries that are proved from the tiles.
	Indexes []int64 `json:"indexes"`
	Older   []struct {
		Size   int64    `json:"size"`
		Root   string   `json:"root"`
		Hashes []string `json:"hashes"`
	} `json:"older"`
	// The texts of tlog-proof, and the entries that they prove.
	Proofs []struct {
		Entry string `json:"entry"`
		Proof string `json:"proof"`
	} `json:"proofs"`
}

// stored reads tiles from a directory.
type stored struct{ directory string }

func (s stored) Height() int                         { return tileHeight }
func (s stored) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (s stored) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(s.directory, tilePath(tile)))
		if err != nil {
			return nil, err
		}
		all[i] = bytes
	}
	return all, nil
}

func openCheckpoint(bytes []byte, file logFile) (tlog.Tree, error) {
	var verifiers []note.Verifier
	for _, vkey := range file.Vkeys {
		verifier, err := newVerifier(vkey)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(bytes, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(file.Vkeys) {
		return tlog.Tree{}, errors.New("a signature is missing")
	}
	// sumdb reads trees of Go's checksum database alone, whose first line is another.
	text, isOfLog := strings.CutPrefix(opened.Text, file.Origin+"\n")
	if !isOfLog {
		return tlog.Tree{}, errors.New("another origin")
	}
	return tlog.ParseTree([]byte("go.sum database tree\n" + text))
}

func openLog(directory string) error {
	bytes, err := os.ReadFile(filepath.Join(directory, "log.json"))
	if err != nil {
		return err
	}
	var file logFile
	if err := json.Unmarshal(bytes, &file); err != nil {
		return err
	}
	bytes, err = os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(bytes, file)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, stored{directory})
	for _, index := range file.Indexes {
		if err := checkEntry(directory, tree, reader, index); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	for _, older := range file.Older {
		if err := checkOlder(tree, reader, older.Size, older.Root, older.Hashes); err != nil {
			return fmt.Errorf("size %d: %w", older.Size, err)
		}
	}
	for _, each := range file.Proofs {
		if err := checkProof(each.Proof, each.Entry, file); err != nil {
			return err
		}
	}
	fmt.Printf("opened %d entries, %d older trees, %d proofs\n", len(file.Indexes), len(file.Older), len(file.Proofs))
	return nil
}

// checkEntry takes an entry from its bundle, and its proof from the tiles.
func checkEntry(directory string, tree tlog.Tree, reader tlog.HashReader, index int64) error {
	tile := tlog.Tile{H: tileHeight, L: 0, N: index / 256, W: int(min(256, tree.N-index/256*256))}
	path := strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(directory, path))
	if err != nil {
		return err
	}
	var entry []byte
	for range index%256 + 1 {
		length := int(binary.BigEndian.Uint16(bundle))
		entry, bundle = bundle[2:2+length], bundle[2+length:]
	}
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// checkOlder checks Keyward's consistency proof, and that sumdb makes the same one from the tiles.
func checkOlder(tree tlog.Tree, reader tlog.HashReader, size int64, root string, hashes []string) error {
	older, err := tlog.ParseHash(root)
	if err != nil {
		return err
	}
	var proof tlog.TreeProof
	for _, text := range hashes {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, size, older); err != nil {
		return err
	}
	own, err := tlog.ProveTree(tree.N, size, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(own, tree.N, tree.Hash, size, older)
}

// checkProof reads a text of tlog-proof.
func checkProof(text, entry string, file logFile) error {
	head, checkpoint, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no proof")
	}
	lines = lines[1:]
	if extra, isExtra := strings.CutPrefix(lines[0], "extra "); isExtra {
		if _, err := base64.StdEncoding.DecodeString(extra); err != nil {
			return err
		}
		lines = lines[1:]
	}
	var index int64
	if _, err := fmt.Sscanf(lines[0], "index %d", &index); err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(checkpoint), file)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(entry)))
}
