# The certificates CRM knows. Get-CrmCertificate cannot be asked for a type, so all of them are read.
function Read-Rows($In) {
  $arguments = New-CrmArguments $In @{}
  foreach ($row in @(Get-CrmCertificate @arguments)) {
    @{
      id = ConvertTo-Text $row.Id
      type = ConvertTo-Text $row.CertificateType
      name = ConvertTo-Text (Get-Field $row 'Name')
      data = ConvertTo-Text $row.Data
    }
  }
}
