# What follows is the same in every file: it asks for what is secret, runs the scripts above one after the other, each in a process of its
# own, and writes what they answer beside this file. Nothing secret is written anywhere.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Stop-Here([string]$Message) {
  throw (New-Object -TypeName System.InvalidOperationException -ArgumentList $Message)
}

function Get-Sha256([string]$Text) {
  $algorithm = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
  $bytes = [System.Text.Encoding]::UTF8.GetBytes($Text)
  try { return [System.BitConverter]::ToString($algorithm.ComputeHash($bytes)).Replace('-', '').ToLowerInvariant() }
  finally { $algorithm.Dispose() }
}

function Get-UtcText {
  $invariant = [System.Globalization.CultureInfo]::InvariantCulture
  return [System.DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ss.fffZ', $invariant)
}

# The scripts as they were made, whatever line ends this file has by now.
function Get-Body($Call) {
  $body = $bodies[$Call.id].Replace([string][char]13, '') + [string][char]10
  if ((Get-Sha256 $body) -ne $Call.sha256) { Stop-Here 'this file was changed on its way; copy it once more' }
  return $body
}

function Read-Password([string]$Prompt) {
  $secure = Read-Host -Prompt $Prompt -AsSecureString
  $pointer = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($secure)
  try { return [System.Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer) }
  finally { [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer) }
}

function Read-FileContent([string]$Prompt) {
  $path = (Read-Host -Prompt ($Prompt + ', its path on this server')).Trim().Trim([char]34)
  $full = (Resolve-Path -LiteralPath $path).ProviderPath
  return [System.Convert]::ToBase64String([System.IO.File]::ReadAllBytes($full))
}

function Read-Secrets {
  $values = @{}
  foreach ($secret in $secrets) {
    if ($secret.kind -eq 'file') { $values[$secret.name] = Read-FileContent $secret.prompt }
    else { $values[$secret.name] = Read-Password $secret.prompt }
  }
  return $values
}

# The line for standard input. Script and secrets take the places that were left for them.
function Get-Line($Call, [hashtable]$Values) {
  $json = [System.Text.Encoding]::UTF8.GetString([System.Convert]::FromBase64String($Call.payload))
  $quote = [string][char]34
  $json = $json.Replace($quote + $Call.token + ':body' + $quote, (ConvertTo-Json -InputObject (Get-Body $Call) -Compress))
  foreach ($name in $Values.Keys) {
    $json = $json.Replace($quote + $Call.token + ':' + $name + $quote, (ConvertTo-Json -InputObject $Values[$name] -Compress))
  }
  return [System.Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($json))
}

function Start-Call([string]$Line) {
  $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
  $start.FileName = [System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'WindowsPowerShell\v1.0\powershell.exe')
  $start.Arguments = $arguments
  $start.UseShellExecute = $false
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $process = [System.Diagnostics.Process]::Start($start)
  $process.StandardInput.WriteLine($Line)
  $process.StandardInput.Close()
  $text = $process.StandardOutput.ReadToEnd()
  $process.WaitForExit()
  return @{ text = $text; exitCode = $process.ExitCode }
}

function Get-Frame([string]$Token, [string]$Text) {
  $found = [System.Text.RegularExpressions.Regex]::Match($Text, 'BEGIN-' + $Token + '[A-Za-z0-9+/=]+END-' + $Token)
  if ($found.Success) { return $found.Value }
  return '-'
}

# A script for one server does no good on another one.
function Confirm-Computer {
  $expected = $server.Split('.')[0]
  if ($expected -match '^[0-9:]+$' -or $expected -eq $env:COMPUTERNAME) { return }
  if ($expected.Length -gt 15 -and $expected.Substring(0, 15) -eq $env:COMPUTERNAME) { return }
  $question = 'This computer is ' + $env:COMPUTERNAME + ', and the script is for ' + $server + '. Are they the same? Type yes or no'
  if ((Read-Host -Prompt $question) -ne 'yes') { Stop-Here ('run this on ' + $server) }
}

function Invoke-Calls([hashtable]$Values) {
  $lines = New-Object -TypeName System.Collections.ArrayList
  foreach ($line in @('mailkeel answers 1', ('script ' + $script), ('computer ' + $env:COMPUTERNAME))) { $lines.Add($line) | Out-Null }
  $failed = $false
  foreach ($call in $calls) {
    if ($failed -and $call.writes) { continue }
    [System.Console]::WriteLine('running ' + $call.id + ' ...')
    $answer = Start-Call (Get-Line $call $Values)
    if ($answer.exitCode -ne 0) {
      [System.Console]::WriteLine('  it says that it failed; mailkeel will tell why')
      if ($call.writes) { $failed = $true }
    }
    $lines.Add('call ' + $call.token + ' ' + $call.sha256 + ' ' + $call.digest + ' ' + (Get-UtcText)) | Out-Null
    $lines.Add((Get-Frame $call.token $answer.text)) | Out-Null
  }
  $text = [string]::Join([string][char]10, $lines.ToArray()) + [string][char]10
  $path = [System.IO.Path]::Combine($PSScriptRoot, $script + '.answer.txt')
  $whole = $text + 'sha256 ' + (Get-Sha256 $text) + [string][char]10
  [System.IO.File]::WriteAllText($path, $whole, [System.Text.Encoding]::ASCII)
  [System.Console]::WriteLine('Bring back ' + $path)
  return $failed
}

if (-not [System.Environment]::Is64BitProcess) { Stop-Here 'run this in the 64-bit Windows PowerShell, as administrator' }
Confirm-Computer
if (Invoke-Calls (Read-Secrets)) {
  [System.Console]::WriteLine('FAILED: run no further script of this folder, and bring back what you have')
  exit 1
}
[System.Console]::WriteLine('Done. Go on with the next script of this folder')
exit 0
