# A file that only administrators, the system and this logon can open, from its first moment on. Whoever makes one removes it in `finally`.
function New-TemporaryFilePath([string]$Extension) {
  return [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [System.Guid]::NewGuid().ToString('N') + $Extension)
}

function Write-ProtectedFile([string]$Path, [byte[]]$Bytes) {
  $security = New-Object -TypeName System.Security.AccessControl.FileSecurity
  $security.SetAccessRuleProtection($true, $false)
  $current = [System.Security.Principal.WindowsIdentity]::GetCurrent().User.Value
  foreach ($sid in @('S-1-5-18', 'S-1-5-32-544', $current)) {
    $identity = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $sid
    $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList $identity, 'FullControl', 'Allow'
    $security.AddAccessRule($rule)
  }
  $stream = [System.IO.File]::Create($Path, 4096, [System.IO.FileOptions]::None, $security)
  try { $stream.Write($Bytes, 0, $Bytes.Length) } finally { $stream.Dispose() }
}

function Remove-TemporaryFile([string]$Path) {
  if (Test-Path -LiteralPath $Path) { Remove-Item -LiteralPath $Path }
}
