package main

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// tree holds all stored hashes of a log in memory.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = t.hashes[index]
	}
	return hashes, nil
}

func (t *tree) add(entry []byte) error {
	hashes, err := tlog.StoredHashes(t.size, entry, t)
	if err != nil {
		return err
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return nil
}

// treeOf is the log of the entries "entry 0", "entry 1" and so on.
func treeOf(size int64) (*tree, error) {
	t := &tree{}
	for i := range size {
		if err := t.add(fmt.Appendf(nil, "entry %d", i)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// tilePath is the path of tlog-tiles: sumdb's own has the height in it, which is always 8 there.
func tilePath(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
}
