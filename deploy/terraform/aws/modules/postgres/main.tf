# RDS in several zones: its standby is synchronous, so a commit that was answered survives the machine.

variable "name" {
  description = "Names everything"
  type        = string
}

variable "vpc_id" {
  description = "The network"
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets"
  type        = list(string)
}

variable "class" {
  description = "The machine"
  type        = string
}

variable "security_group_id" {
  description = "Who may connect"
  type        = string
}

resource "random_password" "this" {
  length  = 32
  special = false
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name   = "${var.name}-postgres"
  vpc_id = var.vpc_id
  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [var.security_group_id]
  }
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "postgres17"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "max_wal_size"
    value = "4096"
  }
  parameter {
    name  = "checkpoint_timeout"
    value = "900"
  }
  parameter {
    name  = "jit"
    value = "0"
  }
}

resource "aws_db_instance" "this" {
  identifier                   = var.name
  engine                       = "postgres"
  engine_version               = "17"
  instance_class               = var.class
  allocated_storage            = 200
  max_allocated_storage        = 2000
  storage_type                 = "gp3"
  storage_encrypted            = true
  multi_az                     = true
  db_name                      = "cardstock"
  username                     = "cardstock"
  password                     = random_password.this.result
  db_subnet_group_name         = aws_db_subnet_group.this.name
  vpc_security_group_ids       = [aws_security_group.this.id]
  parameter_group_name         = aws_db_parameter_group.this.name
  backup_retention_period      = 14
  deletion_protection          = true
  performance_insights_enabled = true
  auto_minor_version_upgrade   = true
  final_snapshot_identifier    = "${var.name}-last"
}

output "url" {
  description = "The address, with its password"
  value       = "postgresql://cardstock:${random_password.this.result}@${aws_db_instance.this.endpoint}/cardstock?sslmode=no-verify"
  sensitive   = true
}
