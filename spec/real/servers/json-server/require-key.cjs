// A middleware for json-server, which has no auth of its own: a request must bring the key, as a cookie.
module.exports = (request, response, next) => {
  const cookies = (request.headers.cookie ?? '').split('; ');
  if (cookies.includes(`api_key=${process.env.API_KEY}`)) next();
  else response.status(401).json({ error: 'the cookie api_key is missing or wrong' });
};
