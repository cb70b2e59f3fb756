package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

const etcdStartLimit = time.Minute

// startEtcd starts etcd on a socket in the data directory, where no other user of the machine reaches it, and returns
// its endpoints.
func startEtcd(dataDir string) ([]string, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(dataDir, "etcd")
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	clients := socket(dataDir, "etcd.sock")
	peers := socket(dataDir, "peer.sock")
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return []string{clients[0].String()}, nil
	case err := <-etcd.Err():
		return nil, err
	case <-time.After(etcdStartLimit):
		return nil, fmt.Errorf("not ready after %s", etcdStartLimit)
	}
}

func socket(dataDir, name string) []url.URL {
	return []url.URL{{Scheme: "unix", Path: filepath.Join(dataDir, name)}}
}
