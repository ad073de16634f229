//! Well-formed stand-ins for what only AWS gives out: account, region, ARNs; and the way back to a name.

/// The region that everything local is in.
pub const REGION: &str = "us-east-1";

const ACCOUNT: &str = "000000000000";

/// A function's ARN.
pub fn function(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// Who a function is to AWS: its role, taken on in its own name.
pub fn session(role: &str, function: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function}")
}

/// A table's ARN.
pub fn table(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// The ARN of a table's stream.
pub fn stream(table_name: &str) -> String {
    format!("{}/stream/local", table(table_name))
}

/// Every stream that a table has or had.
pub fn any_stream(table_name: &str) -> String {
    format!("{}/stream/*", table(table_name))
}

/// Every EC2 resource of a kind, such as `subnet`.
pub fn ec2(kind: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/*")
}

/// The function that an ARN or a plain name means.
pub(super) fn function_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// The table that a stream's ARN belongs to.
pub(super) fn stream_table(arn: &str) -> Option<&str> {
    arn.split_once(":table/")?.1.split_once("/stream/").map(|(table, _)| table)
}

/// `AWS::Region` and its like.
pub(super) fn pseudo_parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::Region" => REGION,
        "AWS::AccountId" => ACCOUNT,
        "AWS::Partition" => "aws",
        "AWS::StackName" => "local",
        "AWS::StackId" => "arn:aws:cloudformation:us-east-1:000000000000:stack/local/local",
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    })
}
