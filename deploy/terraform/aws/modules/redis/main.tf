# Redis that is run by ourselves, as docs/terraform.md explains: ElastiCache has no append-only file in its newer versions, and its
# replication is asynchronous without a way to wait for the disk, so an order that was answered could be lost.
# A stateful set of three with sentinels beside them, on nodes of their own; each has a disk that is synced before it answers.

variable "name" {
  description = "Names everything"
  type        = string
}

variable "image" {
  description = "The image of Redis"
  type        = string
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.name
  }
}

resource "random_password" "this" {
  length  = 32
  special = false
}

resource "kubernetes_storage_class_v1" "this" {
  metadata {
    name = "${var.name}-redis"
  }
  storage_provisioner    = "ebs.csi.aws.com"
  volume_binding_mode    = "WaitForFirstConsumer"
  reclaim_policy         = "Retain"
  allow_volume_expansion = true
  # Each write is a sync: io2 answers one in well below a millisecond, gp3 in about one.
  parameters = { type = "io2", iops = "4000", encrypted = "true" }
}

resource "kubernetes_secret_v1" "this" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data = {
    password = random_password.this.result
  }
}

resource "kubernetes_config_map_v1" "this" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data = {
    "redis.conf"    = file("${path.root}/../../../redis.conf")
    "start-redis"   = file("${path.module}/start-redis.sh")
    "start-watcher" = file("${path.module}/start-watcher.sh")
  }
}

resource "kubernetes_service_v1" "this" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    cluster_ip                  = "None"
    publish_not_ready_addresses = true
    selector                    = { app = "redis" }
    port {
      name = "redis"
      port = 6379
    }
    port {
      name = "sentinel"
      port = 26379
    }
  }
}

resource "kubernetes_stateful_set_v1" "this" {
  metadata {
    name      = "redis"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    service_name          = kubernetes_service_v1.this.metadata[0].name
    replicas              = 3
    pod_management_policy = "Parallel"
    selector {
      match_labels = { app = "redis" }
    }
    template {
      metadata {
        labels = { app = "redis" }
      }
      spec {
        node_selector                    = { role = "redis" }
        termination_grace_period_seconds = 60
        toleration {
          key    = "role"
          value  = "redis"
          effect = "NoSchedule"
        }
        security_context {
          run_as_non_root = true
          run_as_user     = 999
          fs_group        = 999
        }
        topology_spread_constraint {
          max_skew           = 1
          topology_key       = "topology.kubernetes.io/zone"
          when_unsatisfiable = "DoNotSchedule"
          label_selector {
            match_labels = { app = "redis" }
          }
        }
        dynamic "container" {
          for_each = { redis = 6379, watcher = 26379 }
          content {
            name    = container.key
            image   = var.image
            command = ["sh", "/config/start-${container.key}"]
            port {
              container_port = container.value
            }
            env {
              name = "REDIS_PASSWORD"
              value_from {
                secret_key_ref {
                  name = kubernetes_secret_v1.this.metadata[0].name
                  key  = "password"
                }
              }
            }
            volume_mount {
              name       = "config"
              mount_path = "/config"
            }
            volume_mount {
              name       = "data"
              mount_path = "/data"
            }
          }
        }
        volume {
          name = "config"
          config_map {
            name = kubernetes_config_map_v1.this.metadata[0].name
          }
        }
      }
    }
    volume_claim_template {
      metadata {
        name = "data"
      }
      spec {
        access_modes       = ["ReadWriteOnce"]
        storage_class_name = kubernetes_storage_class_v1.this.metadata[0].name
        resources {
          requests = { storage = "100Gi" }
        }
      }
    }
  }
}

output "namespace" {
  description = "Where Redis is, and the exchange belongs"
  value       = kubernetes_namespace_v1.this.metadata[0].name
}

output "url" {
  description = "The sentinels and the name they know the primary by, with its password"
  value       = "redis+sentinel://:${random_password.this.result}@redis-0.redis:26379,redis-1.redis:26379,redis-2.redis:26379/main"
  sensitive   = true
}
