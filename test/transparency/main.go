// Another implementation of the transparency log's formats: golang.org/x/mod/sumdb, which checks Go's own module downloads.
//
//	go run . vectors      writes docs/vectors/tlog.json to standard output
//	go run . open DIR     opens a log that Keyward wrote; any fault ends it with 1
package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "vectors":
		err = writeVectors(os.Stdout)
	case len(os.Args) == 3 && os.Args[1] == "open":
		err = openLog(os.Args[2])
	default:
		err = fmt.Errorf("usage: vectors | open DIR")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
