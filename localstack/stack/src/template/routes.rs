//! Reads routes of the HTTP API: a function's own event, or `AWS::ApiGatewayV2::Route` with its integration.

use super::arn;
use super::error::Error;
use super::fields::Fields;
use super::model::{Route, Template, Trigger};
use super::read::Resource;
use super::resolve::Resolver;

pub(super) const KIND: &str = "AWS::ApiGatewayV2::Route";
const INTEGRATION_KIND: &str = "AWS::ApiGatewayV2::Integration";

/// The properties of an `HttpApi` event.
pub(super) fn event(properties: Fields<'_>) -> Result<Route, Error> {
    let path = properties.text("Path")?.unwrap_or_else(|| "$default".to_owned());
    let method = properties.text("Method")?.unwrap_or_else(|| "ANY".to_owned());
    route(&method, path).map_err(|error| error.under("Path"))
}

/// Adds the route to the triggers of the function that its integration invokes.
pub(super) fn read(
    resource: &Resource<'_>,
    resources: &[Resource<'_>],
    resolver: &Resolver,
    template: &mut Template,
) -> Result<(), Error> {
    let properties = resource.properties(resolver, &["RouteKey", "Target"])?;
    let properties = Fields::new(&properties);
    let read = || {
        let key = properties.required("RouteKey", "GET /things/{id}")?;
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", &key));
        let route = route(method, path.to_owned()).map_err(|error| error.under("RouteKey"))?;
        let target = properties.required("Target", "!Sub integrations/${Integration}")?;
        let integration = target.strip_prefix("integrations/").and_then(|name| {
            resources.iter().find(|resource| resource.kind == INTEGRATION_KIND && resource.logical_id == name)
        });
        let problem =
            || format!("{target} is no integration of this template; write !Sub integrations/${{Integration}}");
        Ok((route, integration.ok_or_else(|| Error::new(problem()).under("Target"))?))
    };
    let (route, integration) = read().map_err(|error: Error| resource.within(error))?;
    let properties = integration.properties(resolver, &["IntegrationUri"])?;
    let uri = Fields::new(&properties).required("IntegrationUri", "!GetAtt Function.Arn");
    let uri = uri.map_err(|error| integration.within(error))?;
    let name = arn::function_name(uri.strip_suffix("/invocations").unwrap_or(&uri));
    let function = template.functions.iter_mut().find(|function| function.name == name).ok_or_else(|| {
        let problem = format!("{uri} is not a function of this template; write !GetAtt Function.Arn");
        integration.within(Error::new(problem).under("IntegrationUri"))
    })?;
    function.triggers.push(Trigger::Http(route));
    Ok(())
}

fn route(method: &str, path: String) -> Result<Route, Error> {
    if path != "$default" && !path.starts_with('/') {
        return Err(Error::new(format!("{path} does not start with /")));
    }
    let method = if method == "*" { "ANY".to_owned() } else { method.to_uppercase() };
    Ok(Route { method, path })
}
