variable "name" {
  description = "Names everything, and tags it"
  type        = string
  default     = "cardstock"
}

variable "region" {
  description = "Where everything is"
  type        = string
}

variable "cidr" {
  description = "The network, a /16"
  type        = string
  default     = "10.40.0.0/16"
}

variable "domain" {
  description = "A zone of Route 53 that exists; the exchange is at `host` in it"
  type        = string
}

variable "host" {
  description = "The name of the exchange within the zone"
  type        = string
  default     = "trade"
}

variable "admin_cidrs" {
  description = "Who may ask the API of Kubernetes from outside; empty is nobody"
  type        = list(string)
  default     = []
}

variable "node_types" {
  description = "Machines of the cluster; arm64, as the image is built for it"
  type        = list(string)
  default     = ["m7g.large"]
}

variable "postgres_class" {
  description = "The machine of PostgreSQL"
  type        = string
  default     = "db.r7g.large"
}

variable "redis_type" {
  description = "The machine of each Redis; its network and its disk decide how many orders a second there are"
  type        = string
  default     = "r7g.large"
}

variable "redis_image" {
  description = "The Redis that runs, by digest"
  type        = string
  default     = "redis:7.2-alpine@sha256:29e8589c3f9ba699b5f7aa4b3c7733c58852a3626439e619aa0ee78de08c6ca0"
}

variable "image" {
  description = "The image of the exchange, and its tag"
  type = object({
    repository = string
    tag        = string
  })
}
