# The cmdlets of CRM come from a snap-in, which only Windows PowerShell can load, and which must not be loaded twice.
function Test-CrmSnapIn {
  $loaded = @(Get-PSSnapin | Where-Object { $_.Name -eq 'Microsoft.Crm.PowerShell' })
  if ($loaded.Count -gt 0) { return $true }
  try { Add-PSSnapin -Name 'Microsoft.Crm.PowerShell' } catch { return $false }
  return $true
}

function Assert-CrmSnapIn {
  if (-not (Test-CrmSnapIn)) {
    Stop-With 'SnapInMissing' 'the snap-in Microsoft.Crm.PowerShell cannot be loaded: are the Deployment Tools installed here?'
  }
}

# The arguments of a cmdlet of CRM, with the account that the call brought. Without one the cmdlet uses the logon.
function New-CrmArguments($In, [hashtable]$Arguments) {
  $credential = Get-Field $In 'credential'
  if ($null -ne $credential) {
    $password = ConvertTo-SecureString -String (Get-Field $credential 'password') -AsPlainText -Force
    $user = [string](Get-Field $credential 'user')
    $Arguments['Credential'] = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList $user, $password
  }
  return $Arguments
}
