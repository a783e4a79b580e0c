{{- define "cardstock.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "cardstock.selector" -}}
app.kubernetes.io/name: cardstock
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .shard }}
cardstock/shard: {{ . }}
{{- end }}
{{- end }}

{{- define "cardstock.labels" -}}
{{ include "cardstock.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* What every pod has: no root, nothing written, no token of the cluster, spread over nodes and zones. */}}
{{- define "cardstock.pod" -}}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "cardstock.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/* What every container has. The address in the pod is all of them, since the kubelet and Prometheus ask from outside. */}}
{{- define "cardstock.container" -}}
image: {{ include "cardstock.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
envFrom:
  - secretRef: { name: {{ get .root.Values.existingSecrets .component | default .root.Values.existingSecret }} }
env:
  - { name: HOST, value: "0.0.0.0" }
  {{- with .shard }}
  - { name: SHARD, value: {{ . | quote }} }
  {{- end }}
  {{- range $name, $value := merge (dict) (.settings | default dict) (.root.Values.settings | default dict) }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
{{- end }}
