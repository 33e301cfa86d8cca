# Writes S2STenantId of one organization where it differs.
function Invoke-Script($In) {
  Assert-CrmSnapIn
  $name = [string](Get-Field $In 'organization')
  [string]$tenantId = Get-Field $In 'tenantId'
  $organization = Find-Organization @(Read-Organizations $In) $name
  if ($null -eq $organization) { Stop-With 'OrganizationUnknown' 'the deployment has no such organization' }
  $actual = Read-Setting $In 'Organization' 'S2STenantId' $organization.Id
  if ($null -ne $actual.value -and $actual.value.Trim().Trim('{', '}') -eq $tenantId) { return @{ written = @() } }
  $arguments = New-CrmArguments $In @{
    ID = $organization.Id
    ConfigurationEntityName = 'Organization'
    Setting = 'S2STenantId'
    Value = $tenantId
  }
  Set-CrmAdvancedSetting @arguments | Out-Null
  $Notes.changed = $true
  return @{ written = @('S2STenantId') }
}
