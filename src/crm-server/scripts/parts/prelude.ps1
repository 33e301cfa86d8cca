# Every script begins with this part and ends with answer.ps1. $Request is the payload of the call; nothing else comes in.
param($Request)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'

$Notes = @{ changed = $false; warnings = New-Object -TypeName System.Collections.ArrayList }

# Ends the script with a code that the caller knows. The message must hold nothing secret.
function Stop-With([string]$Code, [string]$Message) {
  $failure = New-Object -TypeName System.InvalidOperationException -ArgumentList $Message
  $failure.Data['code'] = $Code
  throw $failure
}

# A member that may be absent. Lists come out item by item.
function Get-Field($Object, [string]$Name) {
  if ($null -eq $Object) { return }
  $property = $Object.PSObject.Properties[$Name]
  if ($null -ne $property) { return $property.Value }
}

function ConvertTo-Text($Value) {
  if ($null -eq $Value) { return $null }
  return [string]::Format([System.Globalization.CultureInfo]::InvariantCulture, '{0}', $Value)
}

function ConvertTo-UtcText([datetime]$Time) {
  $invariant = [System.Globalization.CultureInfo]::InvariantCulture
  return $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', $invariant)
}

# This provider works under the FIPS policy too.
function Get-Sha256([byte[]]$Bytes) {
  $algorithm = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
  try { return [System.BitConverter]::ToString($algorithm.ComputeHash($Bytes)).Replace('-', '').ToLowerInvariant() }
  finally { $algorithm.Dispose() }
}

function Test-IsAdministrator {
  $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
  $principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList $identity
  return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Assert-Administrator {
  if (-not (Test-IsAdministrator)) {
    Stop-With 'NotAdministrator' 'the logon is not a local administrator, or it was filtered by user account control'
  }
}

# Whether the deployment web service refused the caller. Which error it uses is not documented.
function Test-IsRefusedByDeployment([System.Exception]$Exception) {
  $name = $Exception.GetType().Name
  if ($name -match 'SecurityAccessDenied|SecurityNegotiation|MessageSecurity|InvalidCredential') { return $true }
  return $Exception.Message -match 'deployment administrator|access is denied|caller was not authenticated|not authorized'
}

# The code of a failure: the one Stop-With gave, else what its kind says.
function Get-FailureCode($Failure) {
  $exception = $Failure.Exception
  while ($null -ne $exception) {
    if ($exception.Data.Contains('code')) { return [string]$exception.Data['code'] }
    if ($exception -is [System.UnauthorizedAccessException]) { return 'NotAdministrator' }
    if ($exception -is [System.Security.SecurityException]) { return 'NotAdministrator' }
    if ($exception -is [System.ComponentModel.Win32Exception] -and $exception.NativeErrorCode -eq 5) {
      return 'NotAdministrator'
    }
    if ($exception.Message -match 'private key not found') { return 'PrivateKeyNotFound' }
    if (Test-IsRefusedByDeployment $exception) { return 'NotDeploymentAdministrator' }
    $exception = $exception.InnerException
  }
  return 'ScriptFailed'
}

function Get-FailureText($Failure) {
  $text = ($Failure.Exception.Message -replace '\s+', ' ').Trim()
  if ($text.Length -gt 500) { return $text.Substring(0, 500) }
  return $text
}
