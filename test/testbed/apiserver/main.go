// Command apiserver runs a Kubernetes API server and its etcd in one process, for tests.
//
// It takes --data-dir and the flags of kube-apiserver; --secure-port 0, the default here, takes a free port of the
// loopback interface. Once it listens it prints one line of JSON:
//
//	{"url":"https://127.0.0.1:34567","caFile":"/tmp/.../apiserver.crt"}
//
// The server is ready when /readyz says so, which is later. It lives as long as its standard input is open: when the
// parent closes it or dies, the process removes the data directory and ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	server := options.NewServerRunOptions()
	dataDir, err := parse(server, arguments)
	if err != nil {
		return err
	}
	endWithParent(dataDir)
	if server.Etcd.StorageConfig.Transport.ServerList, err = startEtcd(dataDir); err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	if err := listen(server); err != nil {
		return err
	}
	if err := signTokens(server, dataDir); err != nil {
		return err
	}
	return serve(server)
}

// parse reads the flags into server, after what a server without controllers beside it needs: nobody makes the service
// accounts that pods would be admitted with, and nobody reads the endpoints of the service "kubernetes".
func parse(server *options.ServerRunOptions, arguments []string) (dataDir string, err error) {
	flags := pflag.NewFlagSet("apiserver", pflag.ContinueOnError)
	flags.StringVar(&dataDir, "data-dir", "", "directory for everything that is written; removed at the end")
	for _, set := range server.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	ours := []string{
		"--secure-port=0",
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--allow-privileged=true",
		"--authorization-mode=RBAC",
		"--disable-admission-plugins=ServiceAccount",
	}
	if err := flags.Parse(append(ours, arguments...)); err != nil {
		return "", err
	}
	if dataDir == "" {
		return "", errors.New("--data-dir is missing")
	}
	server.SecureServing.ServerCert.CertDirectory = dataDir
	return dataDir, os.MkdirAll(dataDir, 0o700)
}

// endWithParent ends the process when its standard input ends or a signal comes. The data is thrown away with it, so
// there is nothing to shut down in order.
func endWithParent(dataDir string) {
	end := make(chan os.Signal, 2)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end <- syscall.SIGHUP
	}()
	go func() {
		<-end
		_ = os.RemoveAll(dataDir)
		os.Exit(0)
	}()
}

// listen takes the port before the server is made: a port that is only looked up might be taken until it is needed.
func listen(server *options.ServerRunOptions) error {
	serving := server.SecureServing
	address := net.JoinHostPort(serving.BindAddress.String(), strconv.Itoa(serving.BindPort))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	bound, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return fmt.Errorf("%s is no TCP address", listener.Addr())
	}
	serving.Listener, serving.BindPort = listener, bound.Port
	return nil
}

func serve(server *options.ServerRunOptions) error {
	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	// The server's own requests to itself need not be warned.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	ctx := context.Background()
	completed, err := server.Complete(ctx)
	if err != nil {
		return err
	}
	if problems := completed.Validate(); len(problems) > 0 {
		return utilerrors.NewAggregate(problems)
	}
	if err := announce(completed); err != nil {
		return err
	}
	return app.Run(ctx, completed)
}

func announce(completed options.CompletedOptions) error {
	certificate, err := filepath.Abs(completed.SecureServing.ServerCert.CertKey.CertFile)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]string{
		"url":    "https://" + completed.SecureServing.Listener.Addr().String(),
		"caFile": certificate,
	})
}
