# EKS with two groups of nodes: one for the exchange, one for Redis alone, with local disks' latency kept from neighbours.

variable "name" {
  description = "Names everything"
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, one in each zone"
  type        = list(string)
}

variable "node_types" {
  description = "Machines of the exchange"
  type        = list(string)
}

variable "redis_type" {
  description = "The machine of each Redis"
  type        = string
}

variable "admin_cidrs" {
  description = "Who may ask the API of Kubernetes from outside"
  type        = list(string)
}

data "aws_iam_policy_document" "assume" {
  for_each = toset(["eks", "ec2"])
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "cluster" {
  name               = "${var.name}-cluster"
  assume_role_policy = data.aws_iam_policy_document.assume["eks"].json
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = data.aws_iam_policy_document.assume["ec2"].json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset([
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryReadOnly",
    "service-role/AmazonEBSCSIDriverPolicy",
  ])
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_eks_cluster" "this" {
  name     = var.name
  role_arn = aws_iam_role.cluster.arn
  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = length(var.admin_cidrs) > 0
    public_access_cidrs     = length(var.admin_cidrs) > 0 ? var.admin_cidrs : null
  }
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  depends_on                = [aws_iam_role_policy_attachment.cluster]
}

resource "aws_eks_addon" "this" {
  for_each     = toset(["vpc-cni", "coredns", "kube-proxy", "aws-ebs-csi-driver"])
  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.key
  # Without it network policies are written and not kept.
  configuration_values = each.key == "vpc-cni" ? jsonencode({ enableNetworkPolicy = "true" }) : null
  depends_on           = [aws_eks_node_group.exchange]
}

resource "aws_eks_node_group" "exchange" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "exchange"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = var.node_types
  ami_type        = "AL2023_ARM_64_STANDARD"
  scaling_config {
    min_size     = 3
    desired_size = 3
    max_size     = 9
  }
  depends_on = [aws_iam_role_policy_attachment.node]
}

resource "aws_eks_node_group" "redis" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "redis"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = [var.redis_type]
  ami_type        = "AL2023_ARM_64_STANDARD"
  labels          = { role = "redis" }
  taint {
    key    = "role"
    value  = "redis"
    effect = "NO_SCHEDULE"
  }
  scaling_config {
    min_size     = 3
    desired_size = 3
    max_size     = 3
  }
  depends_on = [aws_iam_role_policy_attachment.node]
}

output "name" {
  description = "The cluster"
  value       = aws_eks_cluster.this.name
}

output "endpoint" {
  description = "Where the API of Kubernetes is"
  value       = aws_eks_cluster.this.endpoint
}

output "certificate_authority" {
  description = "Who signs for it, in base64"
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "node_security_group_id" {
  description = "What all nodes and pods are in"
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}
