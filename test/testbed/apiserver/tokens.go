package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"

	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// signTokens gives the server a key of its own for the tokens of service accounts.
func signTokens(server *options.ServerRunOptions, dataDir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	file := filepath.Join(dataDir, "service-account.key")
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		return err
	}
	accounts := server.Authentication.ServiceAccounts
	accounts.Issuers = []string{"https://" + server.SecureServing.Listener.Addr().String()}
	accounts.KeyFiles = []string{file}
	server.ServiceAccountSigningKeyFile = file
	return nil
}
