# When mailkeel changed what the services must load anew. It lies on the server, so that no memory of ours has to know it.
function Read-Marker {
  if (-not (Test-Path -LiteralPath 'HKLM:\SOFTWARE\mailkeel')) { return $null }
  $values = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\mailkeel'
  $sha256 = Get-Field $values 'S2SCertificate'
  $at = Get-Field $values 'S2SChangedAt'
  if ($null -eq $sha256 -or $null -eq $at) { return $null }
  return @{ sha256 = [string]$sha256; at = [string]$at }
}
