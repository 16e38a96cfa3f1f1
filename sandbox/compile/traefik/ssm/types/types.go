package types

type InstanceInformationStringFilter struct {
	Key    *string
	Values []string
}

type InstanceInformation struct {
	InstanceId *string
	IPAddress  *string
}
