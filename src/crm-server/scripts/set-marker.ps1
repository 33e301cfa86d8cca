# Notes on the server that its services must load the certificate anew.
function Invoke-Script($In) {
  Assert-Administrator
  Write-Marker ([string](Get-Field $In 'sha256'))
  $Notes.changed = $true
  return Read-Marker
}
