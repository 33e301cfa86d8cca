# The time goes first: cut short between the two, a restart too many is asked for, and none is forgotten.
function Write-Marker([string]$Sha256) {
  $path = 'HKLM:\SOFTWARE\mailkeel'
  if (-not (Test-Path -LiteralPath $path)) { New-Item -Path $path | Out-Null }
  $now = ConvertTo-UtcText ([System.DateTime]::UtcNow)
  Set-ItemProperty -LiteralPath $path -Name 'S2SChangedAt' -Value $now -Type String
  Set-ItemProperty -LiteralPath $path -Name 'S2SCertificate' -Value $Sha256 -Type String
}
