# Windows accounts have several spellings; their SID has one.
function Get-AccountSid([string]$Name) {
  $plain = $Name.Trim()
  $known = @{ 'localsystem' = 'S-1-5-18'; 'localservice' = 'S-1-5-19'; 'networkservice' = 'S-1-5-20' }
  $short = ($plain -replace '^nt authority\\', '').Replace(' ', '').ToLowerInvariant()
  if ($known.ContainsKey($short)) { $plain = $known[$short] }
  if ($plain -match '^S-1-[0-9-]+$') {
    return New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $plain
  }
  if ($plain.StartsWith('.\')) { $plain = $env:COMPUTERNAME + '\' + $plain.Substring(2) }
  $account = New-Object -TypeName System.Security.Principal.NTAccount -ArgumentList $plain
  return $account.Translate([System.Security.Principal.SecurityIdentifier])
}

function Get-AccountName($Sid) {
  try { return $Sid.Translate([System.Security.Principal.NTAccount]).Value } catch { return $Sid.Value }
}

# An account as Windows spells it; as it was given where Windows does not know it.
function Get-CanonicalAccount([string]$Name) {
  try { return Get-AccountName (Get-AccountSid $Name) } catch { return $Name }
}
