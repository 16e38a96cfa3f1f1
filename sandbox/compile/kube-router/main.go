// The part of kube-router that holds pods to their network policies. Its own command is compiled with a router, a service proxy and the
// clients of a cloud, and listens on every address of the machine; this one starts the same controller in the same way.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/spf13/pflag"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

func main() {
	var err error
	if filepath.Base(os.Args[0]) == restoreName {
		err = restore()
	} else {
		err = run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Enforces policies until it is told to stop. What it has written stays in force.
func run() error {
	klog.InitFlags(nil)
	config := options.NewKubeRouterConfig()
	config.AddFlags(pflag.CommandLine)
	folder := pflag.String("run-folder", "", "Folder for what it needs while it runs.")
	pflag.Parse()
	if err := flag.Set("v", config.VLevel); err != nil {
		return err
	}
	if err := interceptRestore(*folder); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	access, err := clientcmd.BuildConfigFromFlags("", config.Kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()

	tables, sets, err := netpol.NewIPTablesHandlers(config)
	if err != nil {
		return err
	}
	var ipsets sync.Mutex
	controller, err := netpol.NewNetworkPolicyController(client, config, pods, policies, namespaces, &ipsets, tables, sets)
	if err != nil {
		return err
	}
	pods.AddEventHandler(controller.PodEventHandler)
	namespaces.AddEventHandler(controller.NamespaceEventHandler)
	policies.AddEventHandler(controller.NetworkPolicyEventHandler)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	go serveHealth(config)
	beats := make(chan *healthcheck.ControllerHeartbeat)
	go func() {
		for range beats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	go controller.Run(beats, ctx.Done(), &running)
	<-ctx.Done()
	// A sync that is under way is not waited for: iptables changes a table at once or not at all.
	return nil
}

// Says on the loopback whether the rules are as the policies say: whether they were written after the start and within the last period.
func serveHealth(config *options.KubeRouterConfig) {
	http.HandleFunc("/healthz", func(response http.ResponseWriter, _ *http.Request) {
		if time.Since(lastRestore()) > config.IPTablesSyncPeriod+time.Minute {
			http.Error(response, "no rules were written lately", http.StatusServiceUnavailable)
		}
	})
	address := "127.0.0.1:" + strconv.Itoa(int(config.HealthPort))
	klog.Fatal(http.ListenAndServe(address, nil))
}
