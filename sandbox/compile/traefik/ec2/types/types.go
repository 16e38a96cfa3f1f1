package types

type Reservation struct{ Instances []Instance }

type Instance struct {
	InstanceId       *string
	PrivateIpAddress *string
	State            *InstanceState
}

type InstanceState struct{ Name InstanceStateName }

type InstanceStateName string

const InstanceStateNameRunning InstanceStateName = "running"
