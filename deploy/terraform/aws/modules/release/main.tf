# The chart of this checkout, with a network load balancer that ends TLS in front of the api.

variable "name" {
  description = "Names everything"
  type        = string
}

variable "namespace" {
  description = "Where the exchange runs"
  type        = string
}

variable "redis_url" {
  description = "The address of Redis"
  type        = string
  sensitive   = true
}

variable "database_url" {
  description = "The address of PostgreSQL"
  type        = string
  sensitive   = true
}

variable "image" {
  description = "The image of the exchange, and its tag"
  type = object({
    repository = string
    tag        = string
  })
}

variable "fqdn" {
  description = "The name of the exchange"
  type        = string
}

variable "certificate_arn" {
  description = "Its certificate"
  type        = string
}

variable "zone_id" {
  description = "The zone for the name"
  type        = string
}

resource "random_bytes" "secrets_key" {
  length = 32
}

resource "kubernetes_secret_v1" "this" {
  metadata {
    name      = "cardstock"
    namespace = var.namespace
  }
  data = {
    REDIS_URL    = var.redis_url
    DATABASE_URL = var.database_url
    SECRETS_KEY  = "first:${random_bytes.secrets_key.base64}"
  }
}

resource "helm_release" "this" {
  name      = var.name
  namespace = var.namespace
  chart     = "${path.root}/../../helm/cardstock"
  timeout   = 900
  values = [yamlencode({
    image          = var.image
    existingSecret = kubernetes_secret_v1.this.metadata[0].name
    settings = {
      MIN_REPLICAS = "1"
      PUBLIC_URL   = "https://${var.fqdn}"
    }
    api = {
      # The load balancer keeps the client's address as it is: nobody forwards.
      settings = { TRUSTED_PROXIES = "0" }
    }
    networkPolicy = {
      ingressFrom = [{ ipBlock = { cidr = "0.0.0.0/0" } }]
    }
  })]
}

resource "kubernetes_service_v1" "edge" {
  metadata {
    name      = "${var.name}-edge"
    namespace = var.namespace
    annotations = {
      "service.beta.kubernetes.io/aws-load-balancer-type"             = "nlb"
      "service.beta.kubernetes.io/aws-load-balancer-scheme"           = "internet-facing"
      "service.beta.kubernetes.io/aws-load-balancer-ssl-cert"         = var.certificate_arn
      "service.beta.kubernetes.io/aws-load-balancer-ssl-ports"        = "443"
      "service.beta.kubernetes.io/aws-load-balancer-backend-protocol" = "tcp"
    }
  }
  spec {
    type                    = "LoadBalancer"
    external_traffic_policy = "Local"
    selector = {
      "app.kubernetes.io/instance"  = var.name
      "app.kubernetes.io/component" = "api"
    }
    port {
      port        = 443
      target_port = 3000
    }
  }
}

resource "aws_route53_record" "this" {
  zone_id = var.zone_id
  name    = var.fqdn
  type    = "CNAME"
  ttl     = 60
  records = [kubernetes_service_v1.edge.status[0].load_balancer[0].ingress[0].hostname]
}
