// Reads a request a line and writes a reply a line, as client-process.ts speaks of.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var signer = v4.NewSigner()
var credentials = aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}

func send(fields []string) (string, []byte) {
	var body []byte
	var reader io.Reader
	if fields[2] != "-" {
		body, _ = base64.StdEncoding.DecodeString(fields[2])
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequest(fields[0], fields[1], reader)
	if err != nil {
		return "ERROR", []byte(err.Error())
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	for _, field := range fields[3:] {
		name, value, _ := strings.Cut(field, "=")
		request.Header.Set(name, value)
		// The signer takes the hash from its caller; what is in the header has to be the same.
		if strings.EqualFold(name, "x-amz-content-sha256") {
			hash = value
		}
	}
	if err := signer.SignHTTP(context.Background(), credentials, request, hash, "execute-api", os.Getenv("AWS_REGION"), time.Now()); err != nil {
		return "ERROR", []byte(err.Error())
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return "ERROR", []byte(err.Error())
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(reply.Body)
	return fmt.Sprint(reply.StatusCode), text
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		status, text := send(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		fmt.Printf("%s\t%s\n", status, base64.StdEncoding.EncodeToString(text))
	}
}
