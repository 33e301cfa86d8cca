# Writes the settings of all servers that differ, in the form that Microsoft's own script uses: one entity with its pairs.
function Test-IsSet($In, [string]$Setting, [string]$Value) {
  $actual = Read-Setting $In 'ServerSettings' $Setting $null
  return ($null -ne $actual.value -and $actual.value.Trim() -eq $Value)
}

function Invoke-Script($In) {
  Assert-CrmSnapIn
  $wanted = @{
    S2SDefaultAuthorizationServerPrincipalId = Get-Field $In 'authorizationServer'
    S2SDefaultAuthorizationServerMetadataUrl = Get-Field $In 'metadataUrl'
  }
  $entity = New-Object -TypeName Microsoft.Xrm.Sdk.Deployment.ConfigurationEntity
  $entity.LogicalName = 'ServerSettings'
  $entity.Attributes = New-Object -TypeName Microsoft.Xrm.Sdk.Deployment.AttributeCollection
  $written = @(foreach ($name in @($wanted.Keys | Sort-Object)) {
    if ($null -eq $wanted[$name]) { continue }
    [string]$value = $wanted[$name]
    if (Test-IsSet $In $name $value) { continue }
    $pair = New-Object -TypeName 'System.Collections.Generic.KeyValuePair[String, Object]' -ArgumentList $name, $value
    $entity.Attributes.Add($pair)
    $name
  })
  if ($written.Count -gt 0) {
    $arguments = New-CrmArguments $In @{ Entity = $entity }
    Set-CrmAdvancedSetting @arguments | Out-Null
    $Notes.changed = $true
  }
  return @{ written = $written }
}
