// Judges pods by the Pod Security Standards, with the code by which an API server does at admission.
//
// Reads a JSON list of Kubernetes objects and looks at the pods that they are or make. Prints one JSON object a line for
// each finding: kind, name, check, detail. Exit code 0 whatever it finds, 2 where it cannot judge.
//
//	pod-security restricted < objects.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type object struct {
	Kind     string            `json:"kind"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     json.RawMessage   `json:"spec"`
}

// Where the kinds that make pods keep what they make them from.
type workload struct {
	Template    *corev1.PodTemplateSpec `json:"template"`
	JobTemplate struct {
		Spec struct {
			Template *corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	} `json:"jobTemplate"`
}

type finding struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Check  string `json:"check"`
	Detail string `json:"detail"`
}

func main() {
	if err := judge(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(2)
	}
}

func judge(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one level: baseline or restricted")
	}
	level, err := api.ParseLevel(args[0])
	if err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	var objects []object
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, each := range objects {
		pod, err := podOf(each)
		if err != nil {
			return fmt.Errorf("%s %s: %w", each.Kind, each.Metadata.Name, err)
		}
		if pod == nil {
			continue
		}
		latest := api.LevelVersion{Level: level, Version: api.LatestVersion()}
		for _, result := range evaluator.EvaluatePod(latest, &pod.ObjectMeta, &pod.Spec) {
			if result.Allowed {
				continue
			}
			found := finding{each.Kind, each.Metadata.Name, result.ForbiddenReason, result.ForbiddenDetail}
			if err := out.Encode(found); err != nil {
				return err
			}
		}
	}
	return nil
}

// The pod that an object is or makes; nil where there is none.
func podOf(each object) (*corev1.PodTemplateSpec, error) {
	switch each.Kind {
	case "Pod":
		pod := corev1.PodTemplateSpec{ObjectMeta: each.Metadata}
		return &pod, json.Unmarshal(each.Spec, &pod.Spec)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob":
		var made workload
		if err := json.Unmarshal(each.Spec, &made); err != nil {
			return nil, err
		}
		if made.Template != nil {
			return made.Template, nil
		}
		return made.JobTemplate.Spec.Template, nil
	}
	return nil, nil
}
