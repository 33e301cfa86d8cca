# What one server says of itself: snap-in, rights, version, services, certificates, marker. Changes nothing.

# Get-CrmServer tells version and roles; which properties name them on each version is not documented, so they may be absent.
function Read-CrmServer($In) {
  try {
    $arguments = New-CrmArguments $In @{ Name = $env:COMPUTERNAME }
    $server = Get-CrmServer @arguments
    $roles = @(Get-Field $server 'Roles' | Where-Object { $null -ne $_ } | ForEach-Object { ConvertTo-Text $_ })
    if ($roles.Count -eq 0) { $roles = $null }
    return @{ version = ConvertTo-Text (Get-Field $server 'Version'); roles = $roles }
  }
  catch {
    $Notes.warnings.Add('Get-CrmServer: ' + (Get-FailureCode $_) + ': ' + (Get-FailureText $_)) | Out-Null
    return @{ version = $null; roles = $null }
  }
}

function Invoke-Script($In) {
  $hasSnapIn = Test-CrmSnapIn
  $server = @{ version = $null; roles = $null }
  if ($hasSnapIn) { $server = Read-CrmServer $In }
  $result = @{
    computerName = $env:COMPUTERNAME
    powershellVersion = ConvertTo-Text $PSVersionTable.PSVersion
    hasSnapIn = $hasSnapIn
    isLocalAdministrator = Test-IsAdministrator
    version = $server.version
    roles = $server.roles
    services = @(Read-AsyncServices)
    certificates = @(Get-StoredCertificates | ForEach-Object { Read-Certificate $_ })
    marker = Read-Marker
  }
  # Last, so that it is as near as can be to the moment in which the answer arrives.
  $result['now'] = ConvertTo-UtcText ([System.DateTime]::UtcNow)
  return $result
}
