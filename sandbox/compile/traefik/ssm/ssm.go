// Package ssm declares what Traefik's provider for Amazon's ECS uses of the real package. The sandbox does not use that provider: a
// client of this package fails.
package ssm

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

type Client struct{}

func NewFromConfig(any) *Client { return &Client{} }

type DescribeInstanceInformationInput struct {
	Filters []types.InstanceInformationStringFilter
}

type DescribeInstanceInformationOutput struct {
	InstanceInformationList []types.InstanceInformation
}

type DescribeInstanceInformationPaginator struct{}

func NewDescribeInstanceInformationPaginator(*Client, *DescribeInstanceInformationInput) *DescribeInstanceInformationPaginator {
	return &DescribeInstanceInformationPaginator{}
}

func (*DescribeInstanceInformationPaginator) HasMorePages() bool { return true }

func (*DescribeInstanceInformationPaginator) NextPage(context.Context) (*DescribeInstanceInformationOutput, error) {
	return nil, errors.New("SSM is left out of this Traefik")
}
